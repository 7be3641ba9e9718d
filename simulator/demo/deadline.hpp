#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace landfall::demo {

// When a run must be over, whatever happens: in real time, because a run that hangs does not get on
// in engine time either. Any thread.
class Deadline final {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Deadline(std::chrono::milliseconds span)
      : at_(std::chrono::steady_clock::now() + span) {}

  [[nodiscard]] TimePoint at() const {
    const std::lock_guard lock(mutex_);
    return at_;
  }
  [[nodiscard]] bool is_over() const { return std::chrono::steady_clock::now() >= at(); }
  // Why it was over before its time; empty when nobody ended it.
  [[nodiscard]] std::string reason() const {
    const std::lock_guard lock(mutex_);
    return reason_;
  }
  void end_now(std::string reason) {
    const std::lock_guard lock(mutex_);
    at_ = std::chrono::steady_clock::now();
    reason_ = std::move(reason);
  }

 private:
  mutable std::mutex mutex_;
  TimePoint at_;
  std::string reason_;
};

}  // namespace landfall::demo
