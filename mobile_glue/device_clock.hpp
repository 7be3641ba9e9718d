#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "actors/environment.hpp"
#include "engine/base/time.hpp"

namespace landfall::glue {

// How engine time runs against the wall clock: now = epoch + (wall - epoch) * speed. Processes that
// share a pace agree on the time. At speed 1 the epoch says nothing.
struct Pace {
  int speed = 1;
  Instant epoch;
};

// The wall clock is read once, so that engine time never goes back when somebody sets it. The
// monotonic clock stands still in deep sleep on some systems; then engine time is late until the
// next open, or until the engine is resumed: then the wall clock is read again. Any thread, and
// `catch_up` on one at a time.
class DeviceClock final : public actors::Clock {
 public:
  explicit DeviceClock(Pace pace = {});

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] double speed() const override { return pace_.speed; }
  void catch_up() override;
  // At the clock's pace, as everything that is compared with it.
  [[nodiscard]] std::optional<unlock::BootTime> boot_time() const override;
  [[nodiscard]] Pace pace() const { return pace_; }

  [[nodiscard]] static Instant wall_clock();

 private:
  const Pace pace_;
  const std::chrono::steady_clock::time_point since_;
  const Instant opened_at_;
  std::atomic<std::int64_t> caught_up_ms_{0};  // of engine time
};

}  // namespace landfall::glue
