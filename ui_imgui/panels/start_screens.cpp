#include "ui_imgui/panels/start_screens.hpp"

#include <string>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/app_head.hpp"

namespace landfall::ui {
namespace {

// Lies over what was drawn last while it opens.
void draw_overlay() {
  const ImVec2 from = ImGui::GetItemRectMin(), to = ImGui::GetItemRectMax();
  const ImVec2 behind = ImGui::GetCursorPos();
  ImGui::GetWindowDrawList()->AddRectFilled(from, to, faded(palette().raised, 0.9F), em(0.3F));
  ImGui::SetCursorScreenPos({from.x + em(0.6F), from.y + em(0.4F)});
  spinner("Opening");
  ImGui::SetCursorPos(behind);
}

void draw_role_card(const DashboardView& dashboard, bool is_active, Commands& commands) {
  ImGui::PushID(dashboard.role.c_str());
  ImGui::BeginGroup();
  const float width = button_width("Open");
  ImGui::AlignTextToFramePadding();
  text(fitted(dashboard.name, ImGui::GetContentRegionAvail().x - width - em(0.8F)));
  ImGui::SameLine();
  align_right(width);
  if (button("Open", is_active ? Weight::strong : Weight::plain))
    commands.push_back(ChooseRole{dashboard.role});
  badge(palette().accent, dashboard.icon);
  ImGui::SameLine();
  hint(dashboard.description);
  ImGui::EndGroup();
  ImGui::PopID();
}

}  // namespace

void draw_waiting_screen(const Snapshot& snapshot) {
  draw_app_head(snapshot.identity.app, snapshot.phone.is_running ? "Starting" : "Not running");
  if (snapshot.phone.is_running) return spinner("One moment");
  hint("No process runs on this phone: boot it.");
}

void draw_onboarding_screen(const Snapshot& snapshot, Commands& commands) {
  draw_app_head(snapshot.identity.app, "Welcome");
  hint("What you do here is kept on this phone and sent when there is a network.");
  if (button("Get started", Weight::strong, ImGui::GetContentRegionAvail().x))
    commands.push_back(FinishOnboarding{});
}

void draw_first_sync_screen(const Snapshot& snapshot, Commands& commands) {
  draw_app_head(snapshot.identity.app, "Getting your data for the first time");
  spinner("One moment");
  if (button("Try again now", Weight::plain, ImGui::GetContentRegionAvail().x))
    commands.push_back(SyncNow{});
  if (link("Leave this account")) commands.push_back(Logout{});
}

void draw_role_screen(const Snapshot& snapshot, Commands& commands) {
  const IdentityView& identity = snapshot.identity;
  draw_app_head(identity.app, "Where do you want to work?");
  draw_word(identity);
  if (!identity.route) return;
  ImGui::BeginDisabled(!identity.entering_role.empty());
  for (const auto& dashboard : identity.route->dashboards) {
    draw_role_card(dashboard, dashboard.role == identity.route->active_role, commands);
    if (dashboard.role == identity.entering_role) draw_overlay();
    ImGui::Separator();
  }
  ImGui::EndDisabled();
}

void draw_update_screen(const Snapshot& snapshot) {
  const UpdateView& update = snapshot.identity.update;
  draw_app_head(snapshot.identity.app, "Update needed");
  complaint(update.message);
  if (!update.minimum_version.empty())
    hint("The server takes version " + update.minimum_version + " and later.");
  hint("What waits on this phone is kept.");
}

}  // namespace landfall::ui
