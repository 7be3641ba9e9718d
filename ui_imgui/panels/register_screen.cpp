#include "ui_imgui/panels/register_screen.hpp"

#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/app_head.hpp"

namespace landfall::ui {

void RegisterScreen::draw(const Snapshot& snapshot, Commands& commands) {
  const IdentityView& identity = snapshot.identity;
  draw_app_head(identity.app, "Make an account");
  draw_word(identity);
  bool is_sent = text_field("Name", name_);
  draw_field_word(identity, "name");
  is_sent |= text_field("Email", email_);
  draw_field_word(identity, "email");
  is_sent |= secret_field("Password", password_, shows_password_);
  draw_field_word(identity, "password");
  is_sent |= button("Register", Weight::strong, ImGui::GetContentRegionAvail().x);
  if (is_sent)
    commands.push_back(SubmitRegistration{typed(email_), typed(password_), typed(name_)});
  if (link("Have an account? Login")) commands.push_back(OpenRegistration{false});
}

void RegisterScreen::forget() {
  password_.fill('\0');
  shows_password_ = false;
}

}  // namespace landfall::ui
