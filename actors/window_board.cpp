#include "actors/window_board.hpp"

#include <algorithm>
#include <utility>

namespace landfall::actors {

void WindowBoard::set_session(bool has_session) {
  const std::lock_guard lock(mutex_);
  wishes_.has_session = has_session;
}

void WindowBoard::set_push(std::optional<Instant> at) {
  const std::lock_guard lock(mutex_);
  wishes_.push = at;
}

void WindowBoard::push_no_later_than(Instant at) {
  const std::lock_guard lock(mutex_);
  wishes_.push = std::min(wishes_.push.value_or(at), at);
}

void WindowBoard::set_transfer(std::optional<Instant> at) {
  const std::lock_guard lock(mutex_);
  wishes_.transfer = at;
}

void WindowBoard::set_pull(std::optional<Instant> at) {
  const std::lock_guard lock(mutex_);
  wishes_.pull = at;
}

void WindowBoard::set_notify(std::optional<Instant> at) {
  const std::lock_guard lock(mutex_);
  wishes_.notify = at;
}

void WindowBoard::set_visit(std::optional<Instant> at) {
  const std::lock_guard lock(mutex_);
  wishes_.visit = at;
}

void WindowBoard::clear_partition() {
  const std::lock_guard lock(mutex_);
  wishes_ = {wishes_.has_session, {}, {}, {}};
}

background::Wishes WindowBoard::wishes() const {
  const std::lock_guard lock(mutex_);
  return wishes_;
}

std::optional<Instant> WindowBoard::next_window(Instant now) const {
  const std::lock_guard lock(mutex_);
  return background::next_window(wishes_, last_window_at_, now);
}

bool WindowBoard::begin_window() {
  const std::lock_guard lock(mutex_);
  return !std::exchange(is_open_, true);
}

void WindowBoard::end_window(Instant now) {
  const std::lock_guard lock(mutex_);
  is_open_ = false;
  last_window_at_ = now;
}

bool WindowBoard::is_window_open() const {
  const std::lock_guard lock(mutex_);
  return is_open_;
}

}  // namespace landfall::actors
