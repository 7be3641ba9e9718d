#pragma once

#include <map>
#include <string>

#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A14: what is under way when a session ends is given up with it. Once the engine has told that
// nobody is logged in, no answer to a call that the old session stamped reaches it any more, and no
// call leaves with an old token. The farewell's own calls are those that may end behind it.
class LateAnswers final : public world::Observer {
 public:
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  // Nothing that the dead process had open is answered.
  void on_crash(world::World& world, world::Phone& phone, bool power) override;

 private:
  struct Session {
    std::map<std::string, std::string> open;   // targets, by X-Request-Id
    std::map<std::string, std::string> stale;  // of a session that is over
    std::map<std::string, Instant> ended;      // by access token of a session that is over
    std::map<std::string, Instant> came;       // access tokens of this one
    Instant ended_at;
  };

  static void end(Session& session, Instant now);

  std::map<const world::Phone*, Session> sessions_;
};

}  // namespace landfall::oracles
