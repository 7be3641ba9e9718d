#pragma once

#include <optional>
#include <string_view>

#include "engine/auth/session.hpp"
#include "engine/base/time.hpp"

namespace landfall::background {

// Why a window ended.
enum class Why {
  done,        // nothing more is due that fits into it
  budget,      // its time is over
  offline,     // the server could not be reached
  no_session,  // nobody is logged in
  reauth,      // the session is over; its user has to log in
  locked,      // the keys of the data cannot be read now
  suspended,   // the host suspended the engine meanwhile
  refused,     // the engine could not be opened for it
  failed       // the engine has stopped after repeated failures
};

// "done", "budget", …
[[nodiscard]] std::string_view to_string(Why why) noexcept;

// What is known of the engine while a window is open.
struct Facts {
  // outboxes: the documents' key is locked, and what waits to be sent goes without it.
  enum class Engine { opening, outboxes, open, failed };

  Engine engine = Engine::opening;
  auth::AuthStatus session = auth::AuthStatus::initial;
  bool reachable = false;
  Instant unreachable_since;
  bool queue_known = false;                 // what follows of the queue has been told
  bool sending = false;                     // calls with operations are under way
  std::optional<Instant> next_send_at;      // of what waits for time and the way alone
  bool moving_files = false;                // a file is on its way
  std::optional<Instant> next_transfer_at;  // of files that wait for time alone
  bool visits_unknown = false;              // of other organisations' outboxes nothing was heard
  bool visiting = false;                    // one of them is being sent
  std::optional<Instant> next_visit_at;     // of what waits for time and the active outbox alone
  bool wants_pull = false;                  // the profile has scopes
  bool pulling = false;
  bool pulled = false;  // every scope, since the window began
  bool pull_failed = false;
};

// The session as a window counts it: what can be done with it, not what the user was told. One
// whose refresh was refused can send nothing, also where the profile keeps it (C-4).
[[nodiscard]] auth::AuthStatus session_for_window(auth::AuthStatus status, bool is_refused);

// A stretch of time in the background in which the outbox is drained, then those of the user's
// other organisations, and the scopes are pulled once (P-27, P-28). It says when that is over; it
// ends a little before its budget, so that the engine is suspended within it. Pure.
class Window final {
 public:
  Window(Instant begins_at, Duration budget);

  // Nothing: it goes on.
  [[nodiscard]] std::optional<Why> verdict(const Facts& facts, Instant now) const;
  // When to ask again if nothing happens before.
  [[nodiscard]] Instant look_again_at(const Facts& facts, Instant now) const;
  [[nodiscard]] Instant ends_at() const { return ends_at_; }

 private:
  [[nodiscard]] bool is_visiting(const Facts& facts) const;
  [[nodiscard]] std::optional<Why> verdict_while_locked(const Facts& facts, Instant now) const;

  Instant ends_at_;
};

}  // namespace landfall::background
