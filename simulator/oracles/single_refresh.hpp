#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/base/time.hpp"
#include "simulator/backend/ledger.hpp"
#include "simulator/oracles/unsaved_refreshes.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A2: many refused calls make one refresh. A phone has one refresh in flight at most, the
// server never sees two intents for one token, and once a new pair has reached the phone no call
// leaves with the old access token. A pair that was not kept goes with those who held it: the
// phone died, or its engine began anew, in the instant of its arrival or without room for it
// (C-29). The one on the disk is the newest then.
class SingleRefresh final : public world::Observer {
 public:
  void on_request(world::World& world, world::Phone& phone, const http::Request& request,
                  const std::vector<world::SentOperation>& operations) override;
  void on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                 const http::Answer& answer) override;
  void on_cancel(world::World& world, world::Phone& phone, const http::Request& request) override;
  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_crash(world::World& world, world::Phone& phone, bool power) override;
  void on_suspended(world::World& world, world::Phone& phone) override {
    on_crash(world, phone, false);
  }
  void on_end(world::World& world) override;

  void judge_ledger(world::World& world, const backend::Ledger& ledger);

 private:
  struct PhoneTokens {
    std::optional<Instant> refreshing_since;
    std::string refresh_request;  // X-Request-Id of the refresh in flight
    bool login_between = false;   // the refresh in flight belongs to a session that was replaced
    std::string access;           // of the newest pair that reached the phone
    // Of a login's pair, which takes the place of the one before it once its keys were asked of the
    // host: with the first call that carries it.
    std::string offered;
    Instant access_at;
    std::set<std::string> retired;
    bool is_in_memory = false;  // its host was told that the newest pair may not be on the disk
  };

  void note_refresh(world::World& world, const world::Phone& phone, PhoneTokens& tokens,
                    const http::Request& request);
  static void note_access(PhoneTokens& tokens, const std::string& access, Instant now);
  void forget_memory(const world::World& world, const world::Phone& phone);

  std::map<const world::Phone*, PhoneTokens> phones_;
  UnsavedRefreshes unsaved_;
};

}  // namespace landfall::oracles
