#pragma once

#include <map>
#include <string>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A6: only a definitive answer ends a session: 400 or 401 to a refresh, in the form of the
// profile's errors. Silence, a portal's page, 5xx, a 401 in HTML and a locked keychain never do.
// Where a profile has no refresh, it is the 401 to any call.
class EndedByVerdict final : public world::Observer {
 public:
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;

 private:
  struct Session {
    bool has_verdict = false;  // since its last pair of tokens
    bool has_offer = false;    // a pair came; whether the phone kept it, its next status tells
    bool is_unsaved = false;   // the phone said that the pair is not on its disk: it may end there
    bool is_offer_unsaved = false;  // said since the offer came
    std::string last_answer;        // to a refresh, for the text of a violation
    bool is_over = false;           // it was told already
  };

  std::map<const world::Phone*, Session> sessions_;
};

}  // namespace landfall::oracles
