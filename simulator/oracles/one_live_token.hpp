#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/base/time.hpp"
#include "simulator/backend/ledger.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A5: there is one live copy of a refresh token. Once the server has accepted the access token
// beside its successor, the one before is gone: no call presents it any more. None stands among the
// host's secrets, where a second copy would go stale. And a server that repeats its answers until
// the successor was used never sees a used token again: its alarm does not fire without a thief.
class OneLiveToken final : public world::Observer {
 public:
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  // What was told may not have been written down; the next answer says it again.
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspended(world::World& world, world::Phone& phone) override;
  void on_end(world::World& world) override;

  void judge_ledger(world::World& world, const backend::Ledger& ledger);

 private:
  struct Copies {
    std::map<std::string, int> by_access;  // pairs are numbered as they reach the phone
    std::map<std::string, int> by_refresh;
    int last = 0;
    int since_login = 0;  // the first pair of the newest session
    int accepted =
        0;  // the newest pair of this life that the server accepted; below it all is gone
    Instant accepted_at;
    bool is_refused = false;
  };

  void judge_secrets(world::World& world, const world::Phone& phone, const Copies& copies);

  std::map<const world::Phone*, Copies> phones_;
  std::set<std::string> without_room_;  // devices whose disk may have kept an older pair
  std::map<const world::Phone*, std::string> device_of_;
};

}  // namespace landfall::oracles
