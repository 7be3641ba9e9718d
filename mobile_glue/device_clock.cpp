#include "mobile_glue/device_clock.hpp"

#include <algorithm>

namespace landfall::glue {
namespace {

Instant at_pace(Pace pace, Instant wall) {
  if (pace.speed == 1) return wall;
  return pace.epoch + (wall - pace.epoch) * pace.speed;
}

}  // namespace

DeviceClock::DeviceClock(Pace pace)
    : pace_(pace),
      since_(std::chrono::steady_clock::now()),
      opened_at_(at_pace(pace, wall_clock())) {}

Instant DeviceClock::now() const {
  const auto passed = (std::chrono::steady_clock::now() - since_) * pace_.speed;
  return opened_at_ + std::chrono::duration_cast<Duration>(passed) + Duration{caught_up_ms_};
}

void DeviceClock::catch_up() {
  const Duration behind = at_pace(pace_, wall_clock()) - now();
  caught_up_ms_ += std::max(behind, Duration{0}).count();
}

Instant DeviceClock::wall_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<Duration>(since_epoch).count()};
}

}  // namespace landfall::glue
