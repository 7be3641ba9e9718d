#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "ui_imgui/model/depth_history.hpp"
#include "ui_imgui/model/event_log.hpp"
#include "ui_imgui/model/identity_mirror.hpp"
#include "ui_imgui/model/phone_mirror.hpp"
#include "ui_imgui/model/phone_user.hpp"
#include "ui_imgui/model/scenario_play.hpp"
#include "ui_imgui/model/universe.hpp"

namespace landfall::ui {

// One world from its beginning, with everybody who watches it for the window. A restart makes a
// new one.
struct Life {
  Life(std::uint64_t seed, const std::string& profile) : universe(seed, profile) { join(); }
  explicit Life(const scenario::Scenario& scenario)
      : universe(scenario), play(std::in_place, *universe.stage(), scenario) {
    join();
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  // Observers stand before the world that calls them.
  EventLog log;
  DepthHistory history;
  PhoneUser user{log};
  PhoneMirror mirror;
  IdentityMirror identity;
  Universe universe;
  std::optional<ScenarioPlay> play;
  world::VirtualPhone* phone = nullptr;  // the one that is shown; the world owns it
  bool promises_checked = false;
  std::int64_t start_ms = 0;

 private:
  void join() {
    auto& world = universe.world();
    world.add_observer(log);
    world.add_observer(history);
    world.add_observer(user);
    world.add_observer(mirror);
    world.add_observer(identity);
    phone = world.virtual_phones().front();
    start_ms = world.now().unix_ms;
  }
};

}  // namespace landfall::ui
