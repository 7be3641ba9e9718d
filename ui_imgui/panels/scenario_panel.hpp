#pragma once

#include <cstddef>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The steps of the scenario that is played, the next one marked. It keeps the next step in sight.
class ScenarioPanel final {
 public:
  // Only with a scenario in the snapshot.
  void draw(const ScenarioView& scenario, Commands& commands);

 private:
  std::size_t in_sight_ = 0;
};

}  // namespace landfall::ui
