#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A2, the ledger of calls: whoever meets a 401 waits for the one refresh, and once its pair has
// come each of those calls leaves again with the new token, at once and once. None is lost, none
// leaves with a token that was refused. A refresh that brings no pair, a session that ends and an
// engine that begins again release them. The lock of the app does not: it bars the host alone.
class ReplayedCalls final : public world::Observer {
 public:
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspend(world::World& world, world::Phone& phone) override;
  void on_erase(world::World& world, world::Phone& phone) override;
  void on_step(world::VirtualWorld& world, world::VirtualPhone& phone) override;
  void on_end(world::World& world) override;

 private:
  struct Waiting {
    std::string call;  // method, target and body
    std::string target;
    std::string bearer;  // that was refused
    Instant refused_at;
  };
  struct Calls {
    std::vector<Waiting> waiting;            // for the refresh that is in flight
    std::vector<Waiting> due;                // the pair has come
    std::vector<Waiting> doubtful;           // refused beside a login, whose pair they may have
    std::map<std::string, Instant> refused;  // access tokens
    std::set<std::string> replays;           // X-Request-Ids: they are not sent a third time
    std::set<std::string> in_clear;          // X-Request-Ids: a 415 sends them again as they are
    std::string access;                      // of the newest pair
    // Of a login's pair, which takes the place of the one before it once its keys were asked of the
    // host: with the first call that carries it.
    std::string offered;
    std::string refresh_request;  // X-Request-Id of the refresh in flight
    Instant came_at;
    bool is_refreshing = false;
    bool is_given_up = false;  // the last refresh brought no pair
  };

  void note_refused(world::World& world, Calls& calls, const http::Request& request);
  static void note_refresh(world::World& world, Calls& calls, const http::Request& request);
  static void note_refresh_answer(Calls& calls, const std::string& access, Instant now);
  static void begin_session(Calls& calls, Instant now);
  static bool take(std::vector<Waiting>& list, const http::Request& request);
  void judge(world::World& world, const world::Phone& phone, Calls& calls);
  static void release(Calls& calls);
  [[nodiscard]] bool is_replayed(world::World& world, const http::Request& request);

  std::map<const world::Phone*, Calls> phones_;
  std::map<std::string, bool> replayed_;  // by "METHOD target", what the profile says
};

}  // namespace landfall::oracles
