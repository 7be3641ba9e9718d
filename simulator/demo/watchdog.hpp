#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "simulator/demo/deadline.hpp"

namespace landfall::demo {

// Ends a run that does not end itself. When `stop` becomes readable the deadline is over at once;
// when the run is still there a while after the deadline, `give_up` is called, which ends the
// process.
class Watchdog final {
 public:
  // The deadline outlives it. `stop` may be -1.
  Watchdog(Deadline& deadline, int stop, std::function<void()> give_up);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void watch();
  [[nodiscard]] bool is_asked_to_stop() const;

  Deadline& deadline_;
  const int stop_;
  const std::function<void()> give_up_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace landfall::demo
