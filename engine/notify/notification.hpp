#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/time.hpp"

namespace landfall::notify {

enum class NotificationState {
  waiting = 0,  // for the end of quiet hours, or for the host's answer
  shown = 1,    // the host said so
  refused = 2,  // the host said that it cannot
  dropped = 3   // it expired, was switched off meanwhile, or cannot be opened any more
};

// A push that was accepted to be shown, as its row has it.
struct Notification {
  std::int64_t seq = 0;
  std::string id;
  std::string type;
  NotificationState state = NotificationState::waiting;
  std::int64_t asked = 0;  // times that the host was asked; more than none: it may be shown already
  Instant received_at;
  std::optional<Instant> expires_at;

  friend bool operator==(const Notification&, const Notification&) = default;
};

// What of it is shown; sealed in its row.
struct NotificationContent {
  std::string title;
  std::string body;
  std::optional<std::string> deep_link;  // a route of the profile

  friend bool operator==(const NotificationContent&, const NotificationContent&) = default;
};

}  // namespace landfall::notify
