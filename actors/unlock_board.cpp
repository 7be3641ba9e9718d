#include "actors/unlock_board.hpp"

#include <algorithm>
#include <utility>

namespace landfall::actors {

void UnlockBoard::remember(unlock::Remembered remembered) {
  const std::lock_guard lock(mutex_);
  remembered_ = std::move(remembered);
}

std::optional<unlock::Remembered> UnlockBoard::recall() const {
  const std::lock_guard lock(mutex_);
  return remembered_;
}

void UnlockBoard::see_server_time(Instant at, Instant now) {
  const std::lock_guard lock(mutex_);
  server_time_ = std::max(server_time_.value_or(at), at);
  clock_ahead_ = now - at;
}

std::optional<Duration> UnlockBoard::clock_ahead() const {
  const std::lock_guard lock(mutex_);
  return clock_ahead_;
}

std::optional<Instant> UnlockBoard::server_time() const {
  const std::lock_guard lock(mutex_);
  return server_time_;
}

}  // namespace landfall::actors
