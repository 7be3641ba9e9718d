#pragma once

#include <string>

#include "tests/simulator/oracles/stage.hpp"

namespace landfall::oracles {

// A stage whose engine says how its session stands.
class SessionStage : public Stage {
 public:
  using Stage::Stage;

  void tell_status(const std::string& status, const std::string& user = "") {
    world.observe_event(phone, "session.status", Json{{"status", status}, {"user_id", user}});
  }
  // Nobody is logged in any more, for this reason.
  void tell_left(const std::string& code) {
    world.observe_event(phone, "session.status",
                        Json{{"status", "unauthenticated"}, {"code", code}});
  }
  // Logged out by their own word, the user has a login fail.
  void leave_and_fail_to_return() {
    phone.set_wants_session(false);
    tell_status("unauthenticated");
    phone.set_wants_session(true);
  }
};

}  // namespace landfall::oracles
