#include "mobile_glue/offline_transport.hpp"

#include <algorithm>

namespace landfall::glue {

OfflineTransport::OfflineTransport() : thread_([this] { answer_calls(); }) {}

OfflineTransport::~OfflineTransport() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void OfflineTransport::start(std::uint64_t call, const http::Request&, Duration, std::size_t,
                             Done done) {
  {
    const std::lock_guard lock(mutex_);
    calls_.emplace_back(call, std::move(done));
  }
  changed_.notify_all();
}

void OfflineTransport::cancel(std::uint64_t call) {
  Done dropped;  // goes after the lock does: it may hold an actor
  std::unique_lock lock(mutex_);
  const auto found = std::find_if(calls_.begin(), calls_.end(),
                                  [&](const auto& waiting) { return waiting.first == call; });
  if (found != calls_.end()) {
    dropped = std::move(found->second);
    calls_.erase(found);
    return;
  }
  if (std::this_thread::get_id() == thread_.get_id()) return;
  changed_.wait(lock, [&] { return !is_answering_ || answering_ != call; });
}

void OfflineTransport::answer_calls() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !calls_.empty(); });
    if (stopping_) return;
    auto [call, done] = std::move(calls_.front());
    calls_.pop_front();
    answering_ = call;
    is_answering_ = true;
    lock.unlock();
    done(http::Answer{std::nullopt, http::TransportFailure::not_sent});
    done = nullptr;
    lock.lock();
    is_answering_ = false;
    changed_.notify_all();
  }
}

}  // namespace landfall::glue
