#pragma once

#include <cstdint>
#include <memory>

#include "simulator/oracles/all.hpp"
#include "simulator/scenario/scenario.hpp"
#include "simulator/scenario/stage.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::ui {

// The world behind the window: one of its own with one phone, or a scenario's stage. Every oracle
// watches either. Observers that join it outlive it.
class Universe final {
 public:
  // One phone of the backend's first user, switched off, in a world without faults.
  explicit Universe(std::uint64_t seed);
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
