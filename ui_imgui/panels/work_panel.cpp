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

// Of an app for which the window has no tabs of its own.
void draw_documents(const Snapshot& snapshot) {
  if (snapshot.documents.empty()) hint("Nothing on this phone: it comes with a pull.");
  ImGui::BeginChild("documents");
  for (const auto& document : snapshot.documents) {
    text(document.title);
    ImGui::SameLine(0, em(2.0F));
    muted_text(document.type);
    if (!document.pending_sync) continue;
    ImGui::SameLine();
    badge(palette().warn, "pending sync");
  }
  ImGui::EndChild();
}

}  // namespace

void WorkPanel::draw_app_tabs(const Snapshot& snapshot, Commands& commands) {
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
}

void WorkPanel::draw(const Snapshot& snapshot, Commands& commands) {
  if (!snapshot.phone.last_refusal.empty()) {
    ImGui::PushTextWrapPos(0.0F);
    colored_text(palette().bad, "Refused: " + snapshot.phone.last_refusal);
    ImGui::PopTextWrapPos();
  }
  if (!ImGui::BeginTabBar("work")) return;
  if (snapshot.identity.app.has_approvals) {
    draw_app_tabs(snapshot, commands);
  } else if (begin_tab("Stored", snapshot.documents.size())) {
    draw_documents(snapshot);
    ImGui::EndTabItem();
  }
  if (begin_tab("Notices", snapshot.notices.size())) {
    draw_notices_panel(snapshot, commands);
    ImGui::EndTabItem();
  }
  ImGui::EndTabBar();
}

}  // namespace landfall::ui
