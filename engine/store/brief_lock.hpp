#pragma once

#include <atomic>

namespace landfall::store {

// Guards a few lines that several of the owner's threads may reach: whoever finds it taken sleeps
// until it is free. Nothing that waits or calls out stands behind it.
class BriefLock final {
 public:
  class Guard final {
   public:
    explicit Guard(BriefLock& lock) : taken_(lock.taken_) {
      while (taken_.test_and_set(std::memory_order_acquire))
        taken_.wait(true, std::memory_order_relaxed);
    }
    ~Guard() {
      taken_.clear(std::memory_order_release);
      taken_.notify_one();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    std::atomic_flag& taken_;
  };

 private:
  std::atomic_flag taken_ = ATOMIC_FLAG_INIT;
};

}  // namespace landfall::store
