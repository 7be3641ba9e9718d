#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The phone as its engine tells of itself, and its process.
void draw_phone_panel(const Snapshot& snapshot, Commands& commands);

}  // namespace landfall::ui
