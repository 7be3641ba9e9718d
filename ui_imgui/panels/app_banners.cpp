#include "ui_imgui/panels/app_banners.hpp"

#include <string>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

std::string update_text(const UpdateView& update) {
  return update.recommended_version.empty()
             ? update.message
             : update.message + " (" + update.recommended_version + ")";
}

bool is_working(PhoneScreen screen) {
  return screen == PhoneScreen::work || screen == PhoneScreen::role_selection;
}

}  // namespace

void draw_app_banners(const IdentityView& identity, Commands& commands) {
  if (identity.screen == PhoneScreen::off || identity.screen == PhoneScreen::update) return;
  if (identity.banner)
    banner(color_of(identity.banner->background, palette().warn), identity.banner->message);
  if (identity.update.kind == "soft") banner(palette().accent, update_text(identity.update));
  if (!is_working(identity.screen)) return;
  if (!identity.said.empty()) banner(palette().warn, identity.said);
  if (identity.session.status != "reauthRequired") return;
  banner(palette().warn, identity.session.message);
  if (link("Log in again")) commands.push_back(UsePassword{true});
}

void draw_biometric_offer(const IdentityView& identity, Commands& commands) {
  if (!identity.asks_for_biometric) return;
  hint(identity.app.text("unlock.biometric_enrol"));
  const float width = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemSpacing.x) / 2;
  if (button("Enable", Weight::strong, width)) commands.push_back(EnrolBiometric{});
  ImGui::SameLine();
  if (button("Not now", Weight::plain, width)) commands.push_back(DeclineBiometric{});
  ImGui::Separator();
}

}  // namespace landfall::ui
