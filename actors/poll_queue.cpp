#include "actors/poll_queue.hpp"

#include <utility>

#include "engine/base/json.hpp"
#include "engine/host/outgoing.hpp"

#include <nlohmann/json.hpp>

namespace landfall::actors {

PollQueue::PollQueue(std::size_t events_max) : events_max_(events_max) {}

void PollQueue::push(std::string text) {
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({{}, std::move(text)});
  }
  filled_.notify_one();
}

void PollQueue::push_event(std::string key, std::string text) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = events_by_key_.find(key); found != events_by_key_.end()) {
      found->second->text = std::move(text);
      return;
    }
    if (events_by_key_.size() >= events_max_) {
      if (std::exchange(events_lost_, true)) return;
      entries_.push_back({{}, host::event_text("events.lost", Json::object())});
    } else {
      entries_.push_back({key, std::move(text)});
      events_by_key_.emplace(std::move(key), &entries_.back());
    }
  }
  filled_.notify_one();
}

std::optional<std::string> PollQueue::pop(Duration timeout) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return closed_ || !entries_.empty(); };
  if (timeout.count() > 0) filled_.wait_for(lock, timeout, ready);
  if (entries_.empty()) return std::nullopt;
  Entry entry = std::move(entries_.front());
  entries_.pop_front();
  if (!entry.key.empty()) events_by_key_.erase(entry.key);
  if (events_by_key_.size() < events_max_) events_lost_ = false;
  return std::move(entry.text);
}

void PollQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
}

std::size_t PollQueue::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace landfall::actors
