#pragma once

#include "actors/environment.hpp"

namespace landfall::bench {

// Time that passes when it is told to. One thread.
class VirtualClock final : public actors::Clock {
 public:
  explicit VirtualClock(Instant now) : now_(now) {}

  [[nodiscard]] Instant now() const override { return now_; }
  void advance(Duration by) { now_ = now_ + by; }

 private:
  Instant now_;
};

}  // namespace landfall::bench
