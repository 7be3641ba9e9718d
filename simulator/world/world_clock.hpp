#pragma once

#include "actors/environment.hpp"

namespace landfall::world {

// Virtual time: it stands still until the world moves it.
class WorldClock final : public actors::Clock {
 public:
  explicit WorldClock(Instant start) : now_(start) {}

  [[nodiscard]] Instant now() const override { return now_; }
  void advance(Duration by) { now_ = now_ + by; }

 private:
  Instant now_;
};

}  // namespace landfall::world
