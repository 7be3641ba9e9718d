#pragma once

namespace landfall::ui {

// Adds the window's font in `pixels` to ImGui's atlas: Roboto or DejaVu where the system has them,
// ImGui's own otherwise.
void add_font(float pixels);

}  // namespace landfall::ui
