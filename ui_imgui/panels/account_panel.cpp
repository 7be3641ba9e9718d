#include "ui_imgui/panels/account_panel.hpp"

#include <array>
#include <string>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/organisation_screen.hpp"
#include "ui_imgui/panels/pin_words.hpp"

namespace landfall::ui {
namespace {

constexpr std::array<const char*, 5> kFingers{"good", "failed", "cancelled", "lockout",
                                              "unavailable"};

// Not a setting of the app: what the phone's sensor will find.
void draw_finger(const IdentityView& identity, Commands& commands) {
  ImGui::SetNextItemWidth(em(9));
  if (!ImGui::BeginCombo("the finger", identity.finger.c_str())) return;
  for (const char* finger : kFingers) {
    if (ImGui::Selectable(finger, identity.finger == finger)) commands.push_back(SetFinger{finger});
  }
  ImGui::EndCombo();
}

void draw_user(const SessionView& session) {
  row("Name", palette().text, session.user_name.empty() ? "not told" : session.user_name);
  row("Account", palette().text, session.email);
  if (!session.organisation.id.empty())
    row("Organisation", palette().text,
        session.organisation.name.empty() ? session.organisation.id : session.organisation.name);
}

}  // namespace

void AccountPanel::draw_pin(const LockView& lock, Commands& commands) {
  heading("PIN");
  if (lock.pin->is_configured) {
    text("A PIN opens this app.");
    ImGui::SameLine();
    if (link("Remove it")) commands.push_back(RemoveProof{"pin"});
    return draw_pin_change(*lock.pin, commands);
  }
  bool is_sent =
      secret_field(pin_hint(*lock.pin).c_str(), pin_, shows_pin_, ImGuiInputTextFlags_CharsDecimal);
  is_sent |= button("Set the PIN");
  if (!is_sent) return;
  commands.push_back(SetPin{typed(pin_)});
  pin_.fill('\0');
}

void AccountPanel::draw_pin_change(const PinView& pin, Commands& commands) {
  (void)secret_field("The PIN now", pin_, shows_pin_, ImGuiInputTextFlags_CharsDecimal);
  bool is_sent = secret_field(("New " + pin_hint(pin)).c_str(), new_pin_, shows_new_pin_,
                              ImGuiInputTextFlags_CharsDecimal);
  is_sent |= button("Change the PIN");
  if (!is_sent) return;
  commands.push_back(ChangePin{typed(pin_), typed(new_pin_)});
  pin_.fill('\0');
  new_pin_.fill('\0');
}

// A phone or an app without such a thing has no such switch (I-22).
void AccountPanel::draw_biometric(const IdentityView& identity, Commands& commands) {
  heading("Finger or face");
  if (identity.supports_biometric) {
    const bool is_on = identity.lock.biometric && identity.lock.biometric->is_enrolled;
    if (toggle("Biometric Login", is_on)) {
      if (is_on) {
        commands.push_back(RemoveProof{"biometric"});
      } else {
        commands.push_back(EnrolBiometric{});
      }
    }
  }
  draw_finger(identity, commands);
}

// Its user proves that they have it, whatever they want of it.
void AccountPanel::draw_factor_code(const IdentityView& identity, Commands& commands) {
  const bool is_new = !identity.set_up.manual_key.empty();
  if (is_new) hint("Key for the authenticator: " + identity.set_up.manual_key);
  if (!identity.authenticator_code.empty())
    hint("The user's authenticator shows " + identity.authenticator_code);
  bool is_sent = text_field("Code of the authenticator", code_);
  if (is_new) {
    is_sent |= button("Turn it on", Weight::strong);
    if (is_sent) commands.push_back(VerifySecondFactor{typed(code_)});
  } else {
    is_sent = button("New backup codes");
    if (is_sent) commands.push_back(NewBackupCodes{typed(code_)});
    ImGui::SameLine();
    const bool is_over = button("Turn it off");
    if (is_over) commands.push_back(DisableSecondFactor{typed(code_)});
    is_sent |= is_over;
  }
  if (is_sent) code_.fill('\0');
}

void AccountPanel::draw_second_factor(const IdentityView& identity, Commands& commands) {
  heading("Second factor");
  (void)text_field("Phone number for text messages, may be empty", phone_number_);
  if (button("Set it up")) commands.push_back(SetUpSecondFactor{typed(phone_number_)});
  draw_factor_code(identity, commands);
  if (identity.set_up.backup_codes.empty()) return;
  hint("Backup codes, shown this once:");
  for (const auto& code : identity.set_up.backup_codes) text(code);
}

void AccountPanel::draw(const Snapshot& snapshot, Commands& commands) {
  const IdentityView& identity = snapshot.identity;
  ImGui::BeginChild("account");
  draw_user(identity.session);
  if (identity.refusal) complaint(identity.refusal->message);
  if (identity.session.organisations.size() > 1) {
    heading("Organisations");
    draw_organisation_switch(identity, commands);
  }
  if (identity.may_leave_dashboard && button("Work somewhere else"))
    commands.push_back(LeaveDashboard{});
  if (identity.lock.pin) draw_pin(identity.lock, commands);
  if (identity.app.has_biometric) draw_biometric(identity, commands);
  if (identity.app.has_second_factor) draw_second_factor(identity, commands);
  ImGui::Dummy({0, em(0.3F)});
  if (identity.lock.is_protected && button("Lock now")) commands.push_back(LockApp{});
  if (identity.lock.is_protected) ImGui::SameLine();
  if (button("Leave this account", Weight::danger)) commands.push_back(Logout{});
  ImGui::EndChild();
}

void AccountPanel::forget() {
  pin_.fill('\0');
  new_pin_.fill('\0');
  code_.fill('\0');
  shows_pin_ = shows_new_pin_ = false;
}

}  // namespace landfall::ui
