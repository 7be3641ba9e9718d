#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/time.hpp"

namespace landfall::unlock {

// What a device's monotonic clock said: how long it has run, sleep included, since the boot of that
// name.
struct BootTime {
  std::string boot;
  Duration up{0};
};

// All that is known about the time at one moment.
struct Reading {
  Instant now;                         // the engine's clock: the wall's when the process began
  std::optional<BootTime> boot_time;   // nothing where the platform has none
  std::optional<Instant> server_time;  // the last that a server of ours said
};

// Where a clock stood; stored, so that the next process goes on from there.
struct ClockMark {
  std::int64_t sure_ms = 0;
  std::int64_t possible_ms = 0;
  Instant now;
  std::optional<BootTime> boot_time;
  std::optional<Instant> server_time;
  std::int64_t server_possible_ms = 0;  // where `possible` stood when the server said it
};

// Counts the time that passed, in two ways, because nobody may gain by setting the phone's clock
// (INV-A8, INV-A9). `sure` has passed for certain: it never counts what only the wall clock claims,
// so that a wait that it measures cannot be shortened by setting the clock ahead. `possible` is the
// most that any witness claims (the monotonic clock, the wall clock's high-water mark, the server's
// time), so that a permission that it measures cannot be stretched by setting the clock back. Both
// start at zero with the first mark and never go back. What passed while the device was off, and
// only its wall clock could tell, counts as possible and not as sure.
class ElapsedClock final {
 public:
  ElapsedClock() = default;

  // A process, or the part of it that keeps this clock, begins.
  ElapsedClock(const std::optional<ClockMark>& mark, const Reading& reading);

  // Time passed within the process, whose clock cannot be set.
  void advance(const Reading& reading);

  [[nodiscard]] std::int64_t sure_ms() const { return mark_.sure_ms; }
  [[nodiscard]] std::int64_t possible_ms() const { return mark_.possible_ms; }
  [[nodiscard]] const ClockMark& mark() const { return mark_; }

 private:
  void count(const Reading& reading, bool is_same_process);
  void hear_server(const Reading& reading);

  ClockMark mark_;
};

}  // namespace landfall::unlock
