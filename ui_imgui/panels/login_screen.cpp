#include "ui_imgui/panels/login_screen.hpp"

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/app_head.hpp"

namespace landfall::ui {
namespace {

constexpr const char* kForgot = "This app cannot set a new password; whoever runs the server can.";

const char* name_hint(const AppView& app) {
  return app.takes_emails ? "Email" : "Email or username";
}

// Who is logged in and has no place to go is led here.
bool has_no_place(const IdentityView& identity) {
  return identity.session.is_allowed && identity.route &&
         (identity.route->why == "no_roles" || identity.route->why == "no_dashboard");
}

}  // namespace

// The address of the last login that asked for it, once (I-7).
void LoginScreen::fill_in(const IdentityView& identity) {
  const std::string& remembered = identity.session.remembered_email;
  if (remembered == filled_in_) return;
  filled_in_ = remembered;
  if (remembered.empty()) return;
  fill(email_, remembered);
  remembers_ = true;
}

void LoginScreen::draw_form(const IdentityView& identity, Commands& commands) {
  const AppView& app = identity.app;
  bool is_sent = text_field(name_hint(app), email_);
  draw_field_word(identity, "email");
  is_sent |= secret_field("Password", password_, shows_password_);
  draw_field_word(identity, "password");
  if (app.remembers_email) ImGui::Checkbox("Remember me", &remembers_);
  if (app.remembers_password) ImGui::Checkbox("Keep my password on this phone", &keeps_password_);
  is_sent |= button("Login", Weight::strong, ImGui::GetContentRegionAvail().x);
  if (is_sent)
    commands.push_back(SubmitLogin{typed(email_), typed(password_), remembers_, keeps_password_});
}

// Whether there is one the engine says when it is asked.
void LoginScreen::draw_remembered(const IdentityView& identity, Commands& commands) {
  if (!identity.app.remembers_password || identity.session.remembered_email.empty()) return;
  if (button("Use the kept password", Weight::plain, ImGui::GetContentRegionAvail().x))
    commands.push_back(LoginRemembered{});
}

void LoginScreen::draw_finger(const IdentityView& identity, Commands& commands) {
  if (identity.session.status != "biometricPrompt" || !identity.supports_biometric) return;
  if (button("Use your finger or face", Weight::plain, ImGui::GetContentRegionAvail().x))
    commands.push_back(UnlockByBiometric{});
}

void LoginScreen::draw_links(const IdentityView& identity, Commands& commands) {
  forgot_ |= link("Forgot Password?");
  if (forgot_) hint(kForgot);
  if (identity.app.can_register && link("Don't have an account? Register"))
    commands.push_back(OpenRegistration{true});
  if (identity.wants_login && link("Not now")) commands.push_back(UsePassword{false});
}

// A simulated owner has no secrets from whoever sits before the window.
void LoginScreen::draw_owner(const IdentityView& identity) {
  heading("The owner of this phone");
  muted_text(identity.owner_email);
  ImGui::SameLine();
  if (!link("Fill in")) return;
  fill(email_, identity.owner_email);
  fill(password_, identity.owner_password);
}

void LoginScreen::draw(const Snapshot& snapshot, Commands& commands) {
  const IdentityView& identity = snapshot.identity;
  fill_in(identity);
  draw_app_head(identity.app, "Log in with your account");
  const std::string& busy = identity.session.busy;
  ImGui::BeginDisabled(!busy.empty());
  draw_word(identity);
  if (has_no_place(identity)) hint("Your roles have no place in this app.");
  draw_form(identity, commands);
  draw_remembered(identity, commands);
  draw_finger(identity, commands);
  draw_links(identity, commands);
  if (busy == "login") spinner("One moment");
  draw_owner(identity);
  ImGui::EndDisabled();
}

void LoginScreen::forget() {
  password_.fill('\0');
  shows_password_ = forgot_ = false;
}

}  // namespace landfall::ui
