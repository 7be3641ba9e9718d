#pragma once

#include <mutex>
#include <optional>

#include "engine/background/next_window.hpp"
#include "engine/base/time.hpp"

namespace landfall::actors {

// What the parts of an engine would do in a background window, written by each of them as it
// learns it and read by the host's thread. It outlives every scope: it is read while they are
// closed. Any thread.
class WindowBoard final {
 public:
  void set_session(bool has_session);
  void set_push(std::optional<Instant> at);
  // Something was accepted.
  void push_no_later_than(Instant at);
  void set_transfer(std::optional<Instant> at);
  void set_pull(std::optional<Instant> at);
  void set_notify(std::optional<Instant> at);
  // Another organisation's outbox of the same user waits.
  void set_visit(std::optional<Instant> at);
  // The partition that these belong to is not the one in use any more.
  void clear_partition();

  [[nodiscard]] background::Wishes wishes() const;
  [[nodiscard]] std::optional<Instant> next_window(Instant now) const;

  // One window at a time: false while one is open.
  [[nodiscard]] bool begin_window();
  void end_window(Instant now);
  [[nodiscard]] bool is_window_open() const;

 private:
  mutable std::mutex mutex_;
  background::Wishes wishes_;
  std::optional<Instant> last_window_at_;
  bool is_open_ = false;
};

}  // namespace landfall::actors
