#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "actors/common_messages.hpp"
#include "actors/environment.hpp"

namespace landfall::actors {

// The one timer of an actor, the only way a step's `wake_at` becomes a message. Arming replaces
// what was armed: the old message still arrives, and is told apart by its generation. The clock's
// speed is applied here and nowhere else.
class Timer final {
 public:
  explicit Timer(const Clock& clock) : clock_(&clock) {}

  template <class Self>
  void arm(Self* self, std::optional<Instant> at) {
    if (at == armed_for_) return;
    armed_for_ = at;
    ++generation_;
    if (!at) return;
    const Duration left = std::max(*at - clock_->now(), Duration{0});
    const auto scaled =
        static_cast<std::int64_t>(std::ceil(static_cast<double>(left.count()) / clock_->speed()));
    self->delayed_send(self, Duration{scaled}, TimerFired{generation_});
  }

  // True when this message is the armed timer and its time has come; it is then no longer armed. A
  // scheduler that fired early by a rounding gets the rest of the wait armed again.
  template <class Self>
  [[nodiscard]] bool fires(Self* self, const TimerFired& fired) {
    if (fired.generation != generation_ || !armed_for_) return false;
    const Instant at = *armed_for_;
    armed_for_.reset();
    if (clock_->now() < at) {
      arm(self, at);
      return false;
    }
    return true;
  }

 private:
  const Clock* clock_;
  std::uint64_t generation_ = 0;
  std::optional<Instant> armed_for_;
};

}  // namespace landfall::actors
