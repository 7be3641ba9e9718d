#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "simulator/scenario/authenticator.hpp"
#include "simulator/world/observer.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// Who each phone's engine says is here, what opens the app and where it leads: what it tells by
// itself, and what an app asks for (the lock after each change, the route once a start). With it
// stands what the user keeps beside the phone: an authenticator and the last text message.
class IdentityMirror final : public world::Observer {
 public:
  // Asks if there is a reason to, and lays what is known of the phone into the snapshot. Asking
  // needs no virtual time; the route may be answered later.
  void refresh(world::World& world, world::Phone& phone, Snapshot& snapshot);

  // Somebody asked this phone for something: its lock is read again at the next refresh.
  void expect_change(const world::Phone& phone) { states_[&phone].is_stale = true; }

  // What came of a request that was made on one of the screens.
  void on_reply(const world::World& world, const world::Phone& phone, const std::string& request,
                const nlohmann::json& params, const nlohmann::json& reply);

  // What the user turned to without asking the engine. The world's, and valid as long as it.
  [[nodiscard]] IdentityView& view_of(const world::Phone& phone) { return states_[&phone].view; }

  void on_event(world::World& world, world::Phone& phone, const std::string& event,
                const nlohmann::json& data) override;
  void on_boot(world::World& world, world::Phone& phone) override;

 private:
  struct State {
    IdentityView view;
    scenario::Authenticator authenticator;
    bool has_authenticator = false;
    bool is_stale = true;
    bool needs_route = true;
    std::string settled_status;  // of the session, the last that was not "loading"
    std::int64_t asked_ms = 0;
  };

  [[nodiscard]] static bool is_due(const State& state, std::int64_t now_ms);
  void ask(world::World& world, world::Phone& phone, State& state);
  static void on_session(State& state, const nlohmann::json& data);
  void on_result(const world::World& world, State& state, const std::string& request,
                 const nlohmann::json& params, const nlohmann::json& result);
  static void read_codes(world::World& world, State& state);

  std::map<const world::Phone*, State> states_;
  std::optional<AppView> app_;
};

}  // namespace landfall::ui
