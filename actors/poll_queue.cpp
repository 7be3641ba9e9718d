#include "actors/poll_queue.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/host/outgoing.hpp"

namespace landfall::actors {

PollMessages make_reply_slot() { return PollMessages(1); }

PollQueue::PollQueue(Bounds bounds) : bounds_(bounds) {}

bool PollQueue::reserve_reply() {
  const std::lock_guard lock(mutex_);
  if (replies_reserved_ >= bounds_.replies_max) return false;
  ++replies_reserved_;
  return true;
}

void PollQueue::append(Kind kind, std::string text) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back({kind, {}, std::move(text), nullptr});
  }
  filled_.notify_one();
}

void PollQueue::push_reply(std::string text) { append(Kind::reply, std::move(text)); }

void PollQueue::push_replies(PollMessages filled) {
  if (filled.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    messages_.splice(messages_.end(), filled);
  }
  filled_.notify_one();
}

void PollQueue::push(std::string text) { append(Kind::question, std::move(text)); }

bool PollQueue::take_event(HostEvent event) {
  if (replace(event.key, event.text)) return false;
  if (events_by_key_.size() < bounds_.events_max) {
    append_event(std::move(event.key), std::move(event.text));
    return true;
  }
  // The one that is queued covers this loss too: the host reads anew when it polls it.
  if (std::exchange(events_lost_, true)) return false;
  messages_.push_back(
      {Kind::events_lost, {}, host::event_text("events.lost", Json::object()), nullptr});
  return true;
}

void PollQueue::push_event(std::string key, std::string text) {
  {
    const std::lock_guard lock(mutex_);
    if (!take_event({std::move(key), std::move(text)})) return;
  }
  filled_.notify_one();
}

void PollQueue::push_events(std::vector<HostEvent> events) {
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    for (HostEvent& event : events) is_news = take_event(std::move(event)) || is_news;
  }
  if (is_news) filled_.notify_one();
}

bool PollQueue::replace_event(const std::string& key, std::string text) {
  const std::lock_guard lock(mutex_);
  return replace(key, text);
}

void PollQueue::push_kept_event(std::string key, std::string text,
                                std::function<void()> on_received) {
  {
    const std::lock_guard lock(mutex_);
    if (on_received) on_received_[key] = std::move(on_received);
    if (replace(key, text)) return;
    append_event(std::move(key), std::move(text));
  }
  filled_.notify_one();
}

bool PollQueue::replace(const std::string& key, std::string& text) {
  const auto found = events_by_key_.find(key);
  if (found == events_by_key_.end()) return false;
  found->second->text = std::move(text);
  return true;
}

void PollQueue::append_event(std::string key, std::string text) {
  messages_.push_back({Kind::event, std::move(key), std::move(text), nullptr});
  events_by_key_.emplace(messages_.back().key, &messages_.back());
}

void PollQueue::take_off(const PollMessage& message) {
  switch (message.kind) {
    case Kind::reply:
      LANDFALL_ASSERT(replies_reserved_ > 0);
      --replies_reserved_;
      break;
    case Kind::question:
      break;
    case Kind::event: {
      events_by_key_.erase(message.key);
      if (auto received = on_received_.extract(message.key))
        on_next_poll_ = std::move(received.mapped());
      break;
    }
    case Kind::events_lost:
      events_lost_ = false;
      break;
  }
}

std::optional<std::string> PollQueue::pop(Duration timeout) {
  // One thread polls, and nobody else looks at this.
  if (on_next_poll_) std::exchange(on_next_poll_, {})();
  PollMessages popped;  // freed without the lock
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return closed_ || !messages_.empty(); };
  if (timeout.count() > 0) filled_.wait_for(lock, timeout, ready);
  if (messages_.empty()) return std::nullopt;
  popped.splice(popped.end(), messages_, messages_.begin());
  PollMessage& message = popped.front();
  take_off(message);
  lock.unlock();
  if (message.late) return message.late->text();
  return std::move(message.text);
}

void PollQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
}

void PollQueue::clear() {
  PollMessages dropped;  // freed without the lock
  const std::lock_guard lock(mutex_);
  events_by_key_.clear();
  dropped.swap(messages_);
}

std::size_t PollQueue::size() const {
  const std::lock_guard lock(mutex_);
  return messages_.size();
}

}  // namespace landfall::actors
