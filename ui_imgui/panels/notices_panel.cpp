#include "ui_imgui/panels/notices_panel.hpp"

#include <string>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {

void draw_notices_panel(const Snapshot& snapshot, Commands& commands) {
  if (snapshot.notices.empty()) {
    hint("Nothing that has not been seen.");
    return;
  }
  if (button("Mark all as seen", Weight::strong, ImGui::GetContentRegionAvail().x))
    commands.push_back(SeeNotices{snapshot.notices.back().number});
  ImGui::BeginChild("notices");
  for (const auto& notice : snapshot.notices) {
    badge(state_color(notice.kind), notice.kind);
    ImGui::SameLine();
    text(notice.title.empty() ? notice.operation : notice.title);
    muted_text(time_text(notice.at_ms));
    ImGui::SameLine();
    if (pressed_text(palette().muted, notice.code)) commands.push_back(ExplainCode{notice.code});
    ImGui::Separator();
  }
  ImGui::EndChild();
}

}  // namespace landfall::ui
