#include "ui_imgui/panels/app_head.hpp"

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

constexpr float kLogoEm = 2.6F;

// The first letter on a tile stands for a picture that the profile does not have.
void draw_logo(const std::string& name) {
  const float size = em(kLogoEm);
  const std::string letter = name.substr(0, 1);
  const ImVec2 text_size = ImGui::CalcTextSize(letter.c_str());
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImDrawList* draw = ImGui::GetWindowDrawList();
  draw->AddRectFilled(at, {at.x + size, at.y + size}, faded(palette().accent, 0.3F), em(0.6F));
  draw->AddText({at.x + (size - text_size.x) / 2, at.y + (size - text_size.y) / 2},
                palette().accent, letter.c_str());
  ImGui::Dummy({size, size});
}

bool names_a_field(const RefusalView& refusal) {
  return refusal.field == "email" || refusal.field == "password" || refusal.field == "name";
}

}  // namespace

void draw_app_head(const AppView& app, const std::string& purpose) {
  draw_logo(app.name);
  ImGui::SameLine();
  ImGui::BeginGroup();
  text(app.name);
  muted_text(purpose);
  ImGui::EndGroup();
  ImGui::Dummy({0, em(0.3F)});
}

void draw_word(const IdentityView& identity) {
  if (identity.refusal && names_a_field(*identity.refusal)) return;
  if (identity.refusal) return complaint(identity.refusal->message);
  complaint(identity.said.empty() ? identity.session.message : identity.said);
}

void draw_field_word(const IdentityView& identity, const char* field) {
  if (identity.refusal && identity.refusal->field == field) complaint(identity.refusal->message);
}

}  // namespace landfall::ui
