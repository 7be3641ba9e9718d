#include "engine/unlock/elapsed_clock.hpp"

#include "schema/limits.hpp"

#include <algorithm>

namespace landfall::unlock {
namespace {

constexpr std::int64_t kServerSlackMs = limits::kCallTimeoutMsMax + 1'000;

// Of the device's own clock; nothing when it was booted in between, or has no such clock.
std::optional<std::int64_t> ran_ms(const ClockMark& before, const Reading& reading) {
  if (!before.boot_time || !reading.boot_time) return std::nullopt;
  if (before.boot_time->boot != reading.boot_time->boot) return std::nullopt;
  return std::max<std::int64_t>((reading.boot_time->up - before.boot_time->up).count(), 0);
}

}  // namespace

ElapsedClock::ElapsedClock(const std::optional<ClockMark>& mark, const Reading& reading) {
  if (mark) {
    mark_ = *mark;
    count(reading, false);
  } else {
    mark_.now = reading.now;
    mark_.boot_time = reading.boot_time;
    mark_.server_time = reading.server_time;
  }
}

void ElapsedClock::advance(const Reading& reading) { count(reading, true); }

void ElapsedClock::count(const Reading& reading, bool is_same_process) {
  const std::int64_t claimed_ms = std::max<std::int64_t>((reading.now - mark_.now).count(), 0);
  const auto ran = ran_ms(mark_, reading);
  mark_.sure_ms += ran.value_or(is_same_process ? claimed_ms : 0);
  mark_.possible_ms += std::max(ran.value_or(0), claimed_ms);
  // The wall clock's mark is where it stands, also when it was set back: from there it goes on.
  mark_.now = reading.now;
  mark_.boot_time = reading.boot_time;
  hear_server(reading);
}

// Two of the server's times are as far apart as it says, but for what an answer may have been under
// way and the seconds that it is cut to: counted each time, these would add up.
void ElapsedClock::hear_server(const Reading& reading) {
  if (!reading.server_time) return;
  if (mark_.server_time && *reading.server_time <= *mark_.server_time) return;
  if (mark_.server_time) {
    const std::int64_t between_ms =
        (*reading.server_time - *mark_.server_time).count() - kServerSlackMs;
    mark_.possible_ms = std::max(mark_.possible_ms, mark_.server_possible_ms + between_ms);
  }
  mark_.server_time = reading.server_time;
  mark_.server_possible_ms = mark_.possible_ms;
}

}  // namespace landfall::unlock
