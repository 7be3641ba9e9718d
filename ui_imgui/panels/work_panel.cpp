#include "ui_imgui/panels/work_panel.hpp"

#include <algorithm>
#include <string>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/kpis_panel.hpp"
#include "ui_imgui/panels/notices_panel.hpp"

namespace landfall::ui {
namespace {

// The name that identifies a tab stays while the count in its label changes.
bool begin_tab(const std::string& name, std::size_t count) {
  const std::string shown = count > 0 ? name + " " + std::to_string(count) : name;
  return ImGui::BeginTabItem((shown + "###" + name).c_str());
}

std::size_t waiting(const Snapshot& snapshot) {
  return static_cast<std::size_t>(
      std::count_if(snapshot.approvals.begin(), snapshot.approvals.end(),
                    [](const auto& approval) { return approval.status == "pending"; }));
}

}  // namespace

void WorkPanel::draw(const Snapshot& snapshot, Commands& commands) {
  if (!snapshot.phone.last_refusal.empty()) {
    ImGui::PushTextWrapPos(0.0F);
    colored_text(palette().bad, "Refused: " + snapshot.phone.last_refusal);
    ImGui::PopTextWrapPos();
  }
  if (!ImGui::BeginTabBar("work")) return;
  if (begin_tab("Approvals", waiting(snapshot))) {
    approvals_.draw(snapshot, commands);
    ImGui::EndTabItem();
  }
  if (begin_tab("Requisitions", snapshot.requisitions.size())) {
    requisitions_.draw(snapshot, commands);
    ImGui::EndTabItem();
  }
  if (begin_tab("KPIs", 0)) {
    draw_kpis_panel(snapshot);
    ImGui::EndTabItem();
  }
  if (begin_tab("Notices", snapshot.notices.size())) {
    draw_notices_panel(snapshot, commands);
    ImGui::EndTabItem();
  }
  ImGui::EndTabBar();
}

}  // namespace landfall::ui
