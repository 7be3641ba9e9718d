#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>

#include "engine/base/time.hpp"
#include "engine/http/repeat_budget.hpp"

namespace landfall::sync {

// How many calls are repeated in a minute while the server fails: limits::kPushRepeatsPerMinuteMax
// of those whose target failed when it was called last, however many batches wait and however small
// they are halved, and no more than the device has left beside its probes, pulls and all else that
// is repeated (INV-Q9). A target is what one call goes to: the push, a group's endpoint, an
// endpoint of one entity. One that was not called yet, or that succeeded last, is not held. A new
// process knows nothing of what failed. Pure.
class RepeatPace final {
 public:
  // The ledger outlives it.
  explicit RepeatPace(http::RepeatLedger& device) : device_(device) {}

  void on_sent(const std::string& target, Instant now);
  void on_answer(const std::string& target, bool failed);

  // It failed when it was called last. Beyond limits::kFailingTargetsMax of them every other one
  // counts as such too, until anything succeeds: then the server is no longer one that fails
  // everywhere, and all begin anew.
  [[nodiscard]] bool is_repeat(const std::string& target) const;

  // Nothing goes to that target before it; `beside`: repeats that were chosen to leave in the same
  // instant and are not told yet.
  [[nodiscard]] Instant held_until(const std::string& target, std::size_t beside = 0) const;

 private:
  [[nodiscard]] Instant held_by_own(std::size_t beside) const;

  http::RepeatLedger& device_;
  std::set<std::string> failing_;
  std::deque<Instant> repeats_;  // the last ones, at most kPushRepeatsPerMinuteMax
};

}  // namespace landfall::sync
