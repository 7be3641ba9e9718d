#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// Everything around the phone that can be broken by hand.
class WorldPanel final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);

 private:
  void draw_switches(const WorldView& world, Commands& commands);
  bool tell_engine_ = true;
};

}  // namespace landfall::ui
