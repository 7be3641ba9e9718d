#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A10: a refresh is due by the life that the server gave the access token, counted from when it
// came, and by nothing that a wall clock says: never earlier than the profile's lead before its
// end, unless the server refused the token, and no call leaves with one that has run out.
class RefreshByLifetime final : public world::Observer {
 public:
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;

 private:
  struct Token {
    Instant came_at;
    Duration lifetime{0};
    bool is_refused = false;
  };
  struct Tokens {
    std::map<std::string, Token> by_access;
    std::map<std::string, std::string> access_beside;  // by refresh token, the newest
    std::set<std::string> presented;                   // refresh tokens: a repeat has its reason
  };

  static void judge_refresh(world::World& world, const world::Phone& phone, Tokens& tokens,
                            const std::string& refresh);
  static void judge_use(world::World& world, const world::Phone& phone, const Tokens& tokens,
                        const http::Request& request);

  std::map<const world::Phone*, Tokens> phones_;
};

}  // namespace landfall::oracles
