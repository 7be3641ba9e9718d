#include "ui_imgui/panels/violations_panel.hpp"

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {

void draw_violations_panel(const Snapshot& snapshot) {
  for (const auto& violation : snapshot.violations) {
    ImGui::PushTextWrapPos(0.0F);
    colored_text(palette().bad, violation.oracle + "  " + violation.detail);
    ImGui::PopTextWrapPos();
  }
}

}  // namespace landfall::ui
