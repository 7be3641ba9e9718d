#include "ui_imgui/panels/phone_panel.hpp"

#include <string>
#include <utility>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

// Several phones live in some scenarios: one at a time is shown.
void draw_choice(const Snapshot& snapshot, Commands& commands) {
  for (const auto& name : snapshot.phones) {
    if (button(name.c_str(), name == snapshot.phone.name ? Weight::strong : Weight::plain))
      commands.push_back(SelectPhone{name});
    ImGui::SameLine();
  }
  ImGui::NewLine();
}

void draw_states(const PhoneView& phone) {
  row("User", palette().text, phone.email);
  row("Engine", health_color(phone.engine), phone.engine);
  row("Session", health_color(phone.session), phone.session);
  row("Connectivity", health_color(phone.connectivity),
      phone.connectivity.empty() ? "not told since boot" : phone.connectivity);
  row("Calls open", palette().text, std::to_string(phone.open_calls));
}

// What a host's pending badge says. Three kinds fill a line of their own.
void draw_pending(const PhoneView& phone) {
  struct Kind {
    std::size_t count;
    const char* words;
    ImU32 color;
  };
  if (phone.waiting + phone.blocked + phone.failed == 0)
    return row("Pending", palette().good, "nothing");
  bool is_first = true;
  for (const Kind& kind : {Kind{phone.waiting, " waiting", palette().wait},
                           Kind{phone.blocked, " blocked", palette().stuck},
                           Kind{phone.failed, " failed", palette().bad}}) {
    if (kind.count == 0) continue;
    if (!std::exchange(is_first, false)) ImGui::SameLine(0, em(0.3F));
    badge(kind.color, std::to_string(kind.count) + kind.words);
  }
}

void draw_session(const PhoneView& phone, float width, Commands& commands) {
  ImGui::BeginDisabled(!phone.is_running);
  const bool is_in = phone.session == "authenticated";
  if (button(is_in ? "Log out" : "Log in", is_in ? Weight::plain : Weight::strong, width)) {
    if (is_in) {
      commands.push_back(Logout{});
    } else {
      commands.push_back(Login{});
    }
  }
  ImGui::SameLine();
  if (button("Sync now", Weight::plain, width)) commands.push_back(SyncNow{});
  ImGui::EndDisabled();
}

void draw_process(const PhoneView& phone, float width, Commands& commands) {
  if (!phone.is_running) {
    if (button("Boot", Weight::strong, 2 * width + ImGui::GetStyle().ItemSpacing.x))
      commands.push_back(BootPhone{});
    return;
  }
  if (button("Kill process", Weight::danger, width)) commands.push_back(KillProcess{});
  ImGui::SameLine();
  if (button("Cut power", Weight::danger, width)) commands.push_back(CutPower{});
}

}  // namespace

void draw_phone_panel(const Snapshot& snapshot, Commands& commands) {
  const PhoneView& phone = snapshot.phone;
  if (snapshot.phones.size() > 1) draw_choice(snapshot, commands);
  draw_states(phone);
  draw_pending(phone);
  const float width = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
  draw_session(phone, width, commands);
  draw_process(phone, width, commands);
}

}  // namespace landfall::ui
