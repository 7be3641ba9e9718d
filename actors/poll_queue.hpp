#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "engine/base/time.hpp"

namespace landfall::actors {

// What waits for the host's poll. Replies and questions are never dropped (open requests are
// bounded, so their slots are reserved); an event replaces the one with its key that was not yet
// polled, and beyond the bound on events one `events.lost` stands for what was dropped. Any thread
// pushes, one polls.
class PollQueue final {
 public:
  explicit PollQueue(std::size_t events_max);

  // Replies, questions and withdrawals, in order.
  void push(std::string text);
  // Last value by key; it keeps the place of the one it replaces.
  void push_event(std::string key, std::string text);

  // Takes the oldest message, waiting up to `timeout` for one. A closed queue that is empty answers
  // at once.
  [[nodiscard]] std::optional<std::string> pop(Duration timeout);

  // No pop waits any more; what is queued stays readable.
  void close();

  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string key;  // empty: not an event
    std::string text;
  };

  const std::size_t events_max_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Entry> entries_;
  std::map<std::string, Entry*>
      events_by_key_;  // into entries_; std::deque keeps references on push and pop at ends
  bool events_lost_ = false;
  bool closed_ = false;
};

}  // namespace landfall::actors
