#include "simulator/demo/watchdog.hpp"

#include <chrono>
#include <utility>

#include <poll.h>

namespace landfall::demo {
namespace {

constexpr std::chrono::milliseconds kLook{100};
// For the last words of a run whose deadline is over, and for closing it.
constexpr std::chrono::seconds kGrace{60};

}  // namespace

Watchdog::Watchdog(Deadline& deadline, int stop, std::function<void()> give_up)
    : deadline_(deadline),
      stop_(stop),
      give_up_(std::move(give_up)),
      thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

bool Watchdog::is_asked_to_stop() const {
  pollfd readable{stop_, POLLIN, 0};
  return stop_ >= 0 && ::poll(&readable, 1, 0) > 0;
}

void Watchdog::watch() {
  bool was_asked = false;
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kLook, [this] { return is_over_; })) {
    if (!was_asked && is_asked_to_stop()) {
      was_asked = true;
      deadline_.end_now("the run was interrupted");
    }
    if (std::chrono::steady_clock::now() > deadline_.at() + kGrace) return give_up_();
  }
}

}  // namespace landfall::demo
