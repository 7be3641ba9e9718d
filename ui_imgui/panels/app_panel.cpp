#include "ui_imgui/panels/app_panel.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/app_banners.hpp"
#include "ui_imgui/panels/organisation_screen.hpp"
#include "ui_imgui/panels/start_screens.hpp"

namespace landfall::ui {
namespace {

std::string conflicts_label(const Snapshot& snapshot) {
  const auto open = std::count_if(snapshot.conflicts.begin(), snapshot.conflicts.end(),
                                  [](const ConflictView& conflict) { return conflict.is_open; });
  return open > 0 ? "Conflicts " + std::to_string(open) : "Conflicts";
}

// What lies over every screen while it lasts (I-36, I-38).
void draw_busy(const IdentityView& identity) {
  if (identity.session.busy == "logout") spinner("Logging out");
  if (identity.session.busy != "biometric") return;
  const std::string words = identity.app.text("busy.biometric");
  const std::string shown = words.empty() ? "Authenticating..." : words;
  const float width = ImGui::CalcTextSize(shown.c_str()).x + em(2);
  ImGui::SetCursorPosX(std::max((ImGui::GetWindowWidth() - width) / 2, ImGui::GetCursorPosX()));
  spinner(shown);
}

}  // namespace

void AppPanel::forget_behind(const Snapshot& snapshot) {
  const PhoneScreen screen = snapshot.identity.screen;
  const bool is_another = std::exchange(shown_, screen) != screen;
  if (shown_phone_ != snapshot.phone.name) {
    shown_phone_ = snapshot.phone.name;
    login_ = {};
    registration_ = {};
    second_factor_ = {};
    lock_ = {};
    account_ = {};
  } else if (is_another) {
    login_.forget();
    registration_.forget();
    second_factor_.forget();
    lock_.forget();
    account_.forget();
  }
}

void AppPanel::draw_sections(const Snapshot& snapshot) {
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float width = (ImGui::GetContentRegionAvail().x - 2 * gap) / 3;
  const auto offer = [&](const std::string& label, Section section) {
    const Weight weight = section_ == section ? Weight::strong : Weight::plain;
    if (button(label.c_str(), weight, width)) section_ = section;
  };
  offer("Documents", Section::documents);
  ImGui::SameLine();
  // The number in the label changes while the button stays.
  offer(conflicts_label(snapshot) + "###conflicts", Section::conflicts);
  ImGui::SameLine();
  offer("Account", Section::account);
}

void AppPanel::draw_work(const Snapshot& snapshot, Commands& commands) {
  draw_biometric_offer(snapshot.identity, commands);
  draw_sections(snapshot);
  switch (section_) {
    case Section::documents:
      return work_.draw(snapshot, commands);
    case Section::conflicts:
      return conflicts_.draw(snapshot, commands);
    case Section::account:
      return account_.draw(snapshot, commands);
  }
}

void AppPanel::draw_screen(const Snapshot& snapshot, Commands& commands) {
  switch (snapshot.identity.screen) {
    case PhoneScreen::off:
    case PhoneScreen::starting:
      return draw_waiting_screen(snapshot);
    case PhoneScreen::onboarding:
      return draw_onboarding_screen(snapshot, commands);
    case PhoneScreen::login:
      return login_.draw(snapshot, commands);
    case PhoneScreen::registration:
      return registration_.draw(snapshot, commands);
    case PhoneScreen::second_factor:
      return second_factor_.draw(snapshot, commands);
    case PhoneScreen::organisation:
      return draw_organisation_screen(snapshot, commands);
    case PhoneScreen::lock:
      return lock_.draw(snapshot, commands);
    case PhoneScreen::first_sync:
      return draw_first_sync_screen(snapshot, commands);
    case PhoneScreen::role_selection:
      return draw_role_screen(snapshot, commands);
    case PhoneScreen::update:
      return draw_update_screen(snapshot);
    case PhoneScreen::work:
      return draw_work(snapshot, commands);
  }
}

void AppPanel::draw(const Snapshot& snapshot, Commands& commands) {
  if (is_region_used()) commands.push_back(UseScreen{});
  forget_behind(snapshot);
  draw_app_banners(snapshot.identity, commands);
  draw_busy(snapshot.identity);
  draw_screen(snapshot, commands);
}

}  // namespace landfall::ui
