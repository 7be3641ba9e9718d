#include "ui_imgui/panels/organisation_screen.hpp"

#include <string>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/app_head.hpp"

namespace landfall::ui {
namespace {

bool draw_organisation(const OrganisationView& organisation, const char* label, Weight weight) {
  ImGui::PushID(organisation.id.c_str());
  const float width = button_width(label);
  ImGui::AlignTextToFramePadding();
  text(fitted(organisation.name, ImGui::GetContentRegionAvail().x - width - em(0.8F)));
  ImGui::SameLine();
  align_right(width);
  const bool pressed = button(label, weight);
  muted_text(organisation.industry);
  ImGui::Separator();
  ImGui::PopID();
  return pressed;
}

}  // namespace

void draw_organisation_screen(const Snapshot& snapshot, Commands& commands) {
  const IdentityView& identity = snapshot.identity;
  draw_app_head(identity.app, "Choose an organisation");
  ImGui::BeginDisabled(!identity.session.busy.empty());
  draw_word(identity);
  for (const auto& organisation : identity.session.organisations) {
    if (draw_organisation(organisation, "Choose", Weight::strong))
      commands.push_back(ChooseOrganisation{organisation.id});
  }
  if (link("Cancel this login")) commands.push_back(Logout{});
  ImGui::EndDisabled();
}

void draw_organisation_switch(const IdentityView& identity, Commands& commands) {
  for (const auto& organisation : identity.session.organisations) {
    const bool is_active = organisation.id == identity.session.organisation.id;
    ImGui::BeginDisabled(is_active);
    if (draw_organisation(organisation, is_active ? "Active" : "Switch", Weight::plain))
      commands.push_back(SwitchOrganisation{organisation.id});
    ImGui::EndDisabled();
  }
}

}  // namespace landfall::ui
