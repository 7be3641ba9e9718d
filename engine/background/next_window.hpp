#pragma once

#include <optional>

#include "engine/base/time.hpp"

namespace landfall::background {

// What the parts of the engine would do if they ran, as each of them said last. An instant that has
// passed means: at once.
struct Wishes {
  bool has_session = false;  // calls can be stamped, or a refresh may bring back what stamps them
  std::optional<Instant> push;                     // operations wait to be sent from here on
  std::optional<Instant> pull;                     // a scope is to be pulled again
  std::optional<Instant> notify;                   // a notification that is held may be shown
  std::optional<Instant> transfer = std::nullopt;  // a file waits to be sent or fetched
  std::optional<Instant> visit = std::nullopt;     // another organisation's outbox of the user does
};

// Whether any of it is due. Without a session nothing is sent and nothing pulled.
[[nodiscard]] bool is_due(const Wishes& wishes, Instant now);

// When the engine would like the system to let it run for a while, not before `now`; nothing when
// it has no reason to. What needs the network waits limits::kWindowGapMs behind the last window, a
// pull alone limits::kWindowPullGapMs, so that a server out of reach does not wear the battery; a
// notification is due when it is due. (P-27, P-45)
[[nodiscard]] std::optional<Instant> next_window(const Wishes& wishes,
                                                 std::optional<Instant> last_window_at,
                                                 Instant now);

}  // namespace landfall::background
