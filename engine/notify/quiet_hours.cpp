#include "engine/notify/quiet_hours.hpp"

#include <limits>

namespace landfall::notify {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;

// A window of the wall clock, in milliseconds of the day.
struct Window {
  std::int64_t start;
  std::int64_t end;

  [[nodiscard]] bool holds(std::int64_t at) const {
    if (start == end) return false;
    return start < end ? start <= at && at < end : at >= start || at < end;
  }
};

Window window_of(const Settings& settings) {
  return {settings.quiet_hours_start.minutes * kMinuteMs,
          settings.quiet_hours_end.minutes * kMinuteMs};
}

}  // namespace

bool is_quiet(const Settings& settings, const Zone& zone, Instant now) {
  return window_of(settings).holds(zone.local_at(now).ms_of_day());
}

// Between two transitions the wall clock runs evenly, so the end is a subtraction away. A
// transition before it, or at it, moves the clock: the question starts again there. The window is
// shorter than a day, so at most the transitions of one day (and of the days that they shift it by)
// are visited.
Instant quiet_until(const Settings& settings, const Zone& zone, Instant now) {
  const Window window = window_of(settings);
  while (true) {
    const std::int64_t clock = zone.local_at(now).ms_of_day();
    if (!window.holds(clock)) return now;
    const std::int64_t left = window.end > clock ? window.end - clock : window.end + kDayMs - clock;
    if (now.unix_ms > std::numeric_limits<std::int64_t>::max() - left) return now;
    const Instant end{now.unix_ms + left};
    const auto transition = zone.next_transition(now);
    if (!transition || transition->at > end) return end;
    now = transition->at;
  }
}

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::show:
      return "show";
    case Verdict::hold:
      return "hold";
    case Verdict::drop:
      return "drop";
  }
  return "show";
}

Decision decide(std::string_view type, const Settings& settings, const Zone& zone, Instant now) {
  if (!settings.push_enabled) return {Verdict::drop, std::nullopt, "push_disabled"};
  const auto toggle = settings.channels.find(type);
  if (toggle != settings.channels.end() && !toggle->second) {
    return {Verdict::drop, std::nullopt, "channel_disabled"};
  }
  if (!is_quiet(settings, zone, now)) return {Verdict::show, std::nullopt, "allowed"};
  if (settings.overrides.contains(type)) return {Verdict::show, std::nullopt, "override"};
  return {Verdict::hold, quiet_until(settings, zone, now), "quiet_hours"};
}

}  // namespace landfall::notify
