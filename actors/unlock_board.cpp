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

void UnlockBoard::set_attestor(std::optional<attest::Attestor> attestor, Instant now) {
  const std::lock_guard lock(mutex_);
  attestor_ = std::move(attestor);
  attestor_set_at_ = now;
}

std::optional<attest::Attestor> UnlockBoard::attestor(std::string_view user_id, Instant now) const {
  const std::lock_guard lock(mutex_);
  if (!attestor_ || attestor_->user_id != user_id) return std::nullopt;
  auto attestor = attestor_;
  attestor->elapsed_ms += std::max(now - attestor_set_at_, Duration{0}).count();
  return attestor;
}

std::optional<Instant> UnlockBoard::server_time() const {
  const std::lock_guard lock(mutex_);
  return server_time_;
}

}  // namespace landfall::actors
