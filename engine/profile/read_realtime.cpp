#include <chrono>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

constexpr std::int64_t kSecondsMax = limits::kHubTimeoutMsMax / 1'000;

Duration seconds_or(ObjectReader& reader, std::string_view key, std::int64_t fallback) {
  return std::chrono::seconds{reader.integer_or(key, fallback, 1, kSecondsMax)};
}

std::vector<Duration> read_backoff(ObjectReader& section) {
  std::vector<Duration> delays;
  if (!section.has("backoff_s")) {
    for (const int delay_s : {1, 2, 4, 8, 16, 30}) delays.push_back(std::chrono::seconds{delay_s});
    return delays;
  }
  const auto given =
      section.integers("backoff_s", limits::kRetryDelaysMax, limits::kHubDelayMsMin / 1'000,
                       limits::kHubDelayMsMax / 1'000);
  for (const std::int64_t delay_s : given) delays.push_back(std::chrono::seconds{delay_s});
  if (delays.empty()) {
    section.refuse("backoff_s", "expected one delay at least");
    delays.emplace_back(limits::kHubDelayMsMax);
  }
  return delays;
}

std::string read_hub(ObjectReader& section) {
  std::string hub = section.text("hub", limits::kTargetBytesMax / 2);
  const bool rooted = hub.starts_with("/") && !hub.starts_with("//");
  const auto variables = variables_in(hub);
  const bool is_plain = hub.find_first_of("?# ") == std::string::npos;
  if (!hub.empty() && (!rooted || !is_plain || !variables || !variables->empty()))
    section.refuse("hub", "expected a path that begins with one / and has no query");
  return hub;
}

}  // namespace

RealtimeRules read_realtime(ObjectReader section) {
  RealtimeRules rules;
  rules.hub = read_hub(section);
  rules.negotiate = section.text_or("negotiate", "", limits::kNameBytesMax);
  rules.bearer = section.choice_or<BearerPlace>(
      "bearer", {{"header", BearerPlace::header}, {"query", BearerPlace::query}},
      BearerPlace::header);
  rules.server_timeout = seconds_or(section, "server_timeout_s", 30);
  rules.keep_alive = seconds_or(section, "keep_alive_s", 15);
  rules.handshake_timeout = seconds_or(section, "handshake_timeout_s", 15);
  rules.backoff = read_backoff(section);
  if (rules.keep_alive >= rules.server_timeout)
    section.refuse("keep_alive_s", "expected less than server_timeout_s");
  section.done();
  return rules;
}

}  // namespace landfall::profile
