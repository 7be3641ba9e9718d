#include "engine/sync/server_clock.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/json_text.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

constexpr std::size_t kSamplesMax = 8;

constexpr JsonLimits kAnswer{limits::kSyncResponseBytesMax, limits::kJsonDepthMax};

// Without a tree of the whole answer, of which this is one member. Of a name that comes twice the
// last one counts, as in a tree.
std::optional<std::string> time_text_of(std::string_view body) {
  std::optional<std::string> time;
  if (const auto text = JsonText::read(body, kAnswer)) {
    (void)text->root().each_member([&](std::string_view name, JsonValue value) {
      if (name != "server_time") return true;
      const auto string = value.string();
      time = string ? std::optional<std::string>{*string} : std::nullopt;
      return true;
    });
    return time;
  }
  const auto parsed = parse_json(body, kAnswer);
  if (!parsed) return std::nullopt;
  auto string = string_at(*parsed, "server_time");
  return string ? std::optional{std::move(*string)} : std::nullopt;
}

std::optional<Instant> server_time_of(std::string_view body) {
  const auto text = time_text_of(body);
  if (!text) return std::nullopt;
  const auto time = parse_rfc3339(*text);
  return time ? std::optional{*time} : std::nullopt;
}

}  // namespace

void ServerClock::take(std::string_view body, std::optional<Instant> left_at, Instant now) {
  if (const auto told = server_time_of(body)) take(ServerTime{*told, left_at, now});
}

void ServerClock::take(const ServerTime& time) {
  constexpr Duration kLongest{limits::kCallTimeoutMsMax};
  // A clock that was set back meanwhile says nothing of how long the call took.
  const bool is_timed = time.left_at && *time.left_at <= time.heard_at;
  const Duration took = std::min(is_timed ? time.heard_at - *time.left_at : kLongest, kLongest);
  const Duration half = took / 2;
  const Sample sample{time.told - (time.heard_at - half), half};
  std::erase_if(samples_, [&](const Sample& old) {
    const Duration apart = old.offset - sample.offset;
    const Duration distance = apart < Duration{0} ? -apart : apart;
    return distance > old.uncertainty + sample.uncertainty;
  });
  samples_.push_back(sample);
  if (samples_.size() > kSamplesMax) samples_.pop_front();
}

Duration ServerClock::offset() const {
  if (samples_.empty()) return Duration{0};
  return std::min_element(
             samples_.begin(), samples_.end(),
             [](const Sample& a, const Sample& b) { return a.uncertainty < b.uncertainty; })
      ->offset;
}

}  // namespace landfall::sync
