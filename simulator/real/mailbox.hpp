#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "actors/environment.hpp"
#include "engine/base/time.hpp"

namespace landfall::world {

// What a thread has seen, and when.
struct Letter {
  Instant at;
  std::function<void()> open;
};

// What many threads see, for the one that lets the time of a real world pass. Letters lie in the
// order in which they were posted.
class Mailbox final {
 public:
  // The clock is read under the lock, so that its instants rise from letter to letter. Any thread.
  void post(const actors::Clock& clock, std::function<void()> open) {
    {
      const std::lock_guard lock(mutex_);
      letters_.push_back({clock.now(), std::move(open)});
    }
    posted_.notify_one();
  }

  // Everything that lies there, waiting for the first one until `deadline`.
  [[nodiscard]] std::deque<Letter> take_all(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    (void)posted_.wait_until(lock, deadline, [this] { return !letters_.empty(); });
    return std::exchange(letters_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Letter> letters_;
};

}  // namespace landfall::world
