#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.hpp"

namespace landfall::sync {

// How long what stood in the outbox when the way to the server opened took to be sent.
struct Drained {
  bool is_done = false;  // false: the target has passed, and some of it still waits
  Duration took{0};
  Duration target{0};
};

// Measures the drain of the outbox against the profile's `sync.drain_target_s`. It starts with the
// network and the session, counts what was accepted before, and ends when all of that is decided,
// failed, or waits for its user (what stands queued behind a dead head counts, where the profile's
// `on_head_dead` is `block`). That the target was missed is told once, by the first step behind it,
// and the end of every drain that had something to send. It is a measure: nothing is sent earlier,
// nothing given up and nobody woken for it. (P-59, C-20.) Pure; times are engine time.
class DrainWatch final {
 public:
  explicit DrainWatch(Duration target) : target_(target) {}

  // Whether calls can be made now. `last_seq`: of the newest operation.
  void on_way(bool is_open, std::int64_t last_seq, Instant now);
  [[nodiscard]] bool is_way_open() const { return is_open_; }
  // Up to which operation the drain under way counts; nothing: there is none.
  [[nodiscard]] std::optional<std::int64_t> last_seq() const;
  // `has_work`: some of those are still to be sent, or on their way.
  [[nodiscard]] std::optional<Drained> on_look(bool has_work, Instant now);

 private:
  struct Drain {
    std::int64_t last_seq = 0;
    Instant since;
    bool had_work = false;
    bool is_late = false;  // and that was told
  };

  Duration target_;
  bool is_open_ = false;
  std::optional<Drain> drain_;
};

}  // namespace landfall::sync
