#include "engine/http/repeat_budget.hpp"

#include <algorithm>
#include <chrono>

#include "schema/limits.hpp"

namespace landfall::http {
namespace {

// How many repeats a minute may have had for one of that rank to be the last of them.
std::size_t most_of(RepeatRank rank) {
  switch (rank) {
    case RepeatRank::news:
      return limits::kRepeatsForNewsMax;
    case RepeatRank::accepted:
      return limits::kRepeatsForAcceptedMax;
    case RepeatRank::probe:
      return limits::kRepeatsForProbesMax;
  }
  return 0;
}

}  // namespace

void RepeatBudget::on_repeat(Instant now) {
  repeats_.push_back(now);
  if (repeats_.size() > limits::kRepeatsPerMinuteMax) repeats_.pop_front();
}

// One fits when the one that many before it is a minute old.
Instant RepeatBudget::free_at(RepeatRank rank, std::size_t beside) const {
  const std::size_t most = most_of(rank);
  if (repeats_.empty() || repeats_.size() + beside < most) return {};
  const std::size_t before = std::min(repeats_.size() + beside - most, repeats_.size() - 1);
  return repeats_[before] + std::chrono::minutes{1};
}

}  // namespace landfall::http
