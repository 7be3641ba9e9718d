#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "simulator/oracles/all.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/scenario/stage.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::ui {

// The app whose phone opens on a day's work: the window's story is its.
inline constexpr const char* kDefaultProfile = "prokure";

// The world behind the window: one of its own with a phone or a few, or a scenario's stage. Every
// oracle watches either. Observers that join it outlive it.
class Universe final {
 public:
  // Phones of the backend's first users, one each and switched off, in a world without faults. Of
  // ProKure there is one phone. `profile`: the name of a shipped one.
  Universe(std::uint64_t seed, const std::string& profile);
  // The scenario outlives it.
  explicit Universe(const scenario::Scenario& scenario);

  [[nodiscard]] world::VirtualWorld& world();
  // Null without a scenario.
  [[nodiscard]] scenario::Stage* stage() { return stage_.get(); }

 private:
  std::unique_ptr<oracles::All> oracles_;  // before the world that calls them
  std::unique_ptr<world::VirtualWorld> own_;
  std::unique_ptr<scenario::Stage> stage_;
};

}  // namespace landfall::ui
