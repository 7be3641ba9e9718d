#pragma once

#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// Every promise that an oracle saw broken, in red.
void draw_violations_panel(const Snapshot& snapshot);

}  // namespace landfall::ui
