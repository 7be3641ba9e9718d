#include "actors/slow_worker.hpp"

#include <utility>

namespace landfall::actors {

SlowWorker::~SlowWorker() { stop(); }

void SlowWorker::use_thread() {
  const std::lock_guard lock(mutex_);
  has_thread_ = true;
}

void SlowWorker::run(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return;
    if (has_thread_) {
      jobs_.push_back(std::move(job));
      if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
      changed_.notify_one();
      return;
    }
  }
  job();
}

void SlowWorker::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_stopped_ || !jobs_.empty(); });
    if (is_stopped_) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

void SlowWorker::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    jobs_.clear();
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace landfall::actors
