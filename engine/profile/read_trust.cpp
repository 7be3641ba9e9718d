#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

// A pin alone would lock everybody out with the loss of one key.
constexpr std::size_t kPinsMin = 2;

std::optional<KeyHash> key_hash(const std::string& text) {
  const auto bytes = from_base64(text);
  KeyHash hash{};
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::transform(bytes->begin(), bytes->end(), hash.begin(),
                 [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  return hash;
}

bool is_host_name(const std::string& host) {
  return !host.empty() && host.front() != '.' && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':';
  });
}

PinSet read_pin_set(ObjectReader section) {
  PinSet pins;
  pins.host = section.text("host");
  if (!pins.host.empty() && !is_host_name(pins.host))
    section.refuse("host", "expected a host in lower case, without a scheme or a port");
  for (const std::string& text : section.texts_or_none("sha256", limits::kPinsMax)) {
    const auto hash = key_hash(text);
    if (!hash) section.refuse("sha256", "expected the base64 of 32 bytes each");
    pins.keys.push_back(hash.value_or(KeyHash{}));
  }
  if (pins.keys.size() < kPinsMin)
    section.refuse("sha256", "expected two keys at least, one of them a spare");
  const auto expires = parse_rfc3339(section.text("expires"));
  if (!expires) section.refuse("expires", "expected a time such as 2027-01-31T00:00:00Z");
  pins.expires_at = expires ? *expires : Instant{};
  section.done();
  return pins;
}

}  // namespace

TrustRules read_trust(ObjectReader section) {
  TrustRules rules;
  rules.chain = section.choice_or<ChainJudge>(
      "chain", {{"system", ChainJudge::system}, {"host", ChainJudge::host}}, ChainJudge::system);
  if (section.has("pins")) {
    for (ObjectReader& entry : section.array("pins", limits::kPinnedHostsMax)) {
      PinSet pins = read_pin_set(entry);
      const bool is_twice = std::any_of(rules.pins.begin(), rules.pins.end(),
                                        [&](const PinSet& set) { return set.host == pins.host; });
      if (is_twice) section.refuse("pins", "expected each host once");
      rules.pins.push_back(std::move(pins));
    }
  }
  section.done();
  return rules;
}

}  // namespace landfall::profile
