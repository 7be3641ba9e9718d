#pragma once

#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The dashboard's figures as they are stored, with the last days as a line.
void draw_kpis_panel(const Snapshot& snapshot);

}  // namespace landfall::ui
