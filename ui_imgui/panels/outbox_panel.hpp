#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The outbox as lanes: an entity a line, its operations from left to right in the order of
// acceptance. What is settled fades with age. A click selects an operation.
class OutboxPanel final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);

 private:
  void draw_header(const Snapshot& snapshot);
  void draw_lane(const Snapshot& snapshot, const LaneView& lane, Commands& commands);

  bool show_settled_ = true;
};

}  // namespace landfall::ui
