#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace landfall::actors {

// What takes more than a few milliseconds of a processor (a password hash) is done here, one job at
// a time, and never on a thread of the actors. In a stepped engine it is done where it is asked
// for, in the same step, so that virtual time knows one thread only.
class SlowWorker final {
 public:
  SlowWorker() = default;
  ~SlowWorker();
  SlowWorker(const SlowWorker&) = delete;
  SlowWorker& operator=(const SlowWorker&) = delete;

  // From here on jobs have a thread of their own, which begins with the first of them.
  void use_thread();
  // Runs `job` once, sooner or later; not at all behind `stop`. Any thread.
  void run(std::function<void()> job);
  // Waits for the job that runs and forgets the others, before what they report to is gone.
  void stop();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool has_thread_ = false;
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace landfall::actors
