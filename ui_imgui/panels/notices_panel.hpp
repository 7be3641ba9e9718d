#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// What the user has to know and has not seen: operations that failed, were rejected or conflict.
void draw_notices_panel(const Snapshot& snapshot, Commands& commands);

}  // namespace landfall::ui
