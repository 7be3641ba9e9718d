#pragma once

#include <deque>

#include "engine/base/time.hpp"

namespace landfall::sync {

// How many pushes leave in a minute while the server fails: limits::kRepeatsPerMinuteMax of those
// that follow a failed one, however many batches wait and however small they are halved (INV-Q9:
// with probes and pulls thirty repeats a minute). One push that succeeds ends it. A new process
// knows nothing of what failed. Pure.
class RepeatPace final {
 public:
  void on_sent(Instant now);
  void on_answer(bool failed) { failing_ = failed; }

  // Nothing leaves before it.
  [[nodiscard]] Instant held_until() const;

 private:
  bool failing_ = false;
  std::deque<Instant> repeats_;  // the last ones, at most kRepeatsPerMinuteMax
};

}  // namespace landfall::sync
