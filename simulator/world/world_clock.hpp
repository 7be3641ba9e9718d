#pragma once

#include "actors/environment.hpp"

#include <optional>

namespace landfall::world {

// Virtual time: it stands still until the world moves it.
class WorldClock final : public actors::Clock {
 public:
  explicit WorldClock(Instant start) : start_(start), now_(start) {}

  [[nodiscard]] Instant now() const override { return now_; }
  // Phones are never switched off here, they only crash.
  [[nodiscard]] std::optional<unlock::BootTime> boot_time() const override {
    return unlock::BootTime{"world", now_ - start_};
  }
  void advance(Duration by) { now_ = now_ + by; }

 private:
  const Instant start_;
  Instant now_;
};

}  // namespace landfall::world
