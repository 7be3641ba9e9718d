#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// Why the selected operation stands where it stands, and what its user can say.
void draw_explanation_panel(const Snapshot& snapshot, Commands& commands);

}  // namespace landfall::ui
