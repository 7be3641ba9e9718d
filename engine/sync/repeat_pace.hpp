#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>

#include "engine/base/time.hpp"

namespace landfall::sync {

// How many calls are repeated in a minute while the server fails: limits::kRepeatsPerMinuteMax of
// those whose target failed when it was called last, however many batches wait and however small
// they are halved (INV-Q9: with probes and pulls thirty repeats a minute). A target is what one
// call goes to: the push, a group's endpoint, an endpoint of one entity. One that was not called
// yet, or that succeeded last, is not held. A new process knows nothing of what failed. Pure.
class RepeatPace final {
 public:
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
  std::set<std::string> failing_;
  std::deque<Instant> repeats_;  // the last ones, at most kRepeatsPerMinuteMax
};

}  // namespace landfall::sync
