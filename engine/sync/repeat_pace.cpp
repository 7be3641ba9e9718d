#include "engine/sync/repeat_pace.hpp"

#include <algorithm>
#include <chrono>

#include "schema/limits.hpp"

namespace landfall::sync {

bool RepeatPace::is_repeat(const std::string& target) const {
  return failing_.contains(target) || failing_.size() >= limits::kFailingTargetsMax;
}

void RepeatPace::on_sent(const std::string& target, Instant now) {
  if (!is_repeat(target)) return;
  device_.on_repeat(now);
  repeats_.push_back(now);
  if (repeats_.size() > limits::kPushRepeatsPerMinuteMax) repeats_.pop_front();
}

void RepeatPace::on_answer(const std::string& target, bool failed) {
  if (!failed) {
    // A full set holds every target, also those that it has no room for. Most of them are never
    // called again, so nothing would ever take them out of it.
    if (failing_.size() >= limits::kFailingTargetsMax) failing_.clear();
    failing_.erase(target);
  } else if (failing_.size() < limits::kFailingTargetsMax) {
    failing_.insert(target);
  }
}

// The call fits when the one that many repeats before it is a minute old.
Instant RepeatPace::held_by_own(std::size_t beside) const {
  if (repeats_.empty() || repeats_.size() + beside < limits::kPushRepeatsPerMinuteMax) return {};
  const std::size_t before = repeats_.size() + beside - limits::kPushRepeatsPerMinuteMax;
  return repeats_[std::min(before, repeats_.size() - 1)] + std::chrono::minutes{1};
}

Instant RepeatPace::held_until(const std::string& target, std::size_t beside) const {
  if (!is_repeat(target)) return {};
  return std::max(held_by_own(beside), device_.free_at(http::RepeatRank::accepted, beside));
}

}  // namespace landfall::sync
