#include "mobile_glue/device_clock.hpp"

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
  return opened_at_ + std::chrono::duration_cast<Duration>(passed);
}

Instant DeviceClock::wall_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<Duration>(since_epoch).count()};
}

}  // namespace landfall::glue
