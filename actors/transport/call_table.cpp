#include "actors/transport/call_table.hpp"

#include <algorithm>
#include <utility>

namespace landfall::transport {

std::uint64_t CallTable::add(std::uint64_t call, Done done) {
  const std::lock_guard lock(mutex_);
  open_.emplace(++last_serial_, Open{call, std::move(done)});
  return last_serial_;
}

void CallTable::answer(std::uint64_t serial, http::Answer answer) {
  std::unique_lock lock(mutex_);
  const auto found = open_.find(serial);
  if (found == open_.end()) return;
  Open open = std::move(found->second);
  open_.erase(found);
  answering_ = open.call;
  answering_thread_ = std::this_thread::get_id();
  lock.unlock();
  open.done(std::move(answer));
  open.done = nullptr;  // it may hold an actor, and goes outside the lock
  lock.lock();
  answering_.reset();
  answered_.notify_all();
}

std::optional<std::uint64_t> CallTable::cancel(std::uint64_t call) {
  Done dropped;  // goes after the lock does
  std::unique_lock lock(mutex_);
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const auto& open) { return open.second.call == call; });
  if (found != open_.end()) {
    const std::uint64_t serial = found->first;
    dropped = std::move(found->second.done);
    open_.erase(found);
    return serial;
  }
  if (answering_ == call && answering_thread_ != std::this_thread::get_id()) {
    answered_.wait(lock, [&] { return answering_ != call; });
  }
  return std::nullopt;
}

void CallTable::cancel_all() {
  std::map<std::uint64_t, Open> dropped;  // goes after the lock does
  std::unique_lock lock(mutex_);
  dropped.swap(open_);
  if (answering_thread_ == std::this_thread::get_id()) return;
  answered_.wait(lock, [&] { return !answering_; });
}

std::size_t CallTable::size() const {
  const std::lock_guard lock(mutex_);
  return open_.size();
}

}  // namespace landfall::transport
