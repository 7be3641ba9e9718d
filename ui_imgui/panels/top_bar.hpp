#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The clock, how fast it runs, and whether every promise still holds.
void draw_top_bar(const Snapshot& snapshot, Commands& commands);

}  // namespace landfall::ui
