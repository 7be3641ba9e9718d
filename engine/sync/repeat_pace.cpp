#include "engine/sync/repeat_pace.hpp"

#include <chrono>

#include "schema/limits.hpp"

namespace landfall::sync {

void RepeatPace::on_sent(Instant now) {
  if (!failing_) return;
  repeats_.push_back(now);
  if (repeats_.size() > limits::kRepeatsPerMinuteMax) repeats_.pop_front();
}

Instant RepeatPace::held_until() const {
  if (!failing_ || repeats_.size() < limits::kRepeatsPerMinuteMax) return {};
  return repeats_.front() + std::chrono::minutes{1};
}

}  // namespace landfall::sync
