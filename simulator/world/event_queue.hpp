#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "engine/base/time.hpp"

namespace landfall::world {

// What the world itself will do: deliver an answer, let a user act, cut the network. Equal times
// run in the order in which they were asked for.
class EventQueue final {
 public:
  using Event = std::function<void()>;

  void at(Instant when, Event event) { events_.emplace(when, std::move(event)); }

  [[nodiscard]] std::optional<Instant> next() const {
    if (events_.empty()) return std::nullopt;
    return events_.begin()->first;
  }

  // Runs the oldest event that is due; false when none is.
  bool run_one(Instant now) {
    if (events_.empty() || events_.begin()->first > now) return false;
    Event event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
    return true;
  }

 private:
  std::multimap<Instant, Event> events_;
};

}  // namespace landfall::world
