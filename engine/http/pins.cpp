#include "engine/http/pins.hpp"

#include <algorithm>

#include "engine/http/outcome.hpp"

namespace landfall::http {

PinVerdict judge_pins(const profile::TrustRules& rules, std::string_view host,
                      std::span<const profile::KeyHash> chain, Instant now) {
  const auto pins = std::find_if(rules.pins.begin(), rules.pins.end(),
                                 [&](const profile::PinSet& set) { return set.host == host; });
  if (pins == rules.pins.end()) return PinVerdict::unpinned;
  if (now >= pins->expires_at) return PinVerdict::expired;
  const bool stands = std::any_of(chain.begin(), chain.end(), [&](const profile::KeyHash& key) {
    return std::find(pins->keys.begin(), pins->keys.end(), key) != pins->keys.end();
  });
  return stands ? PinVerdict::matched : PinVerdict::mismatched;
}

void DateClock::see(const Response& response, Instant device_now) {
  const auto date = find_header(response.headers, "Date");
  if (const auto at = date ? parse_http_date(*date) : std::nullopt) ahead_ = *at - device_now;
}

Instant DateClock::time_at(Instant device_now) const {
  return device_now + ahead_.value_or(Duration{0});
}

}  // namespace landfall::http
