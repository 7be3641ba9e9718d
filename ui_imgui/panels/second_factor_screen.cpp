#include "ui_imgui/panels/second_factor_screen.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/app_head.hpp"

namespace landfall::ui {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 3> kMethods{
    {{"totp", "Authenticator"}, {"sms", "Text message"}, {"backup_code", "Backup code"}}};

bool has_method(const ChallengeView& challenge, const std::string& method) {
  return std::find(challenge.methods.begin(), challenge.methods.end(), method) !=
         challenge.methods.end();
}

void draw_limits(const ChallengeView& challenge, std::int64_t now_ms) {
  if (challenge.attempts_left)
    muted_text(counted(static_cast<std::uint64_t>(*challenge.attempts_left), "attempt") + " left");
  if (challenge.expires_ms)
    muted_text("This login ends " + until_text(*challenge.expires_ms, now_ms));
}

}  // namespace

// A method that went away leaves the first that there is.
void SecondFactorScreen::draw_methods(const ChallengeView& challenge) {
  if (!has_method(challenge, method_))
    method_ = challenge.methods.empty() ? "totp" : challenge.methods.front();
  for (const auto& [method, name] : kMethods) {
    if (has_method(challenge, method) && ImGui::RadioButton(name, method_ == method))
      method_ = method;
  }
}

void SecondFactorScreen::draw_code(const ChallengeView& challenge, Commands& commands) {
  if (method_ == "sms") {
    if (!challenge.sent_to.empty()) hint("Sent to " + challenge.sent_to);
    if (button("Send a text message")) commands.push_back(SendCode{});
  }
  bool is_sent = text_field("Code", code_);
  is_sent |= button("Verify", Weight::strong, ImGui::GetContentRegionAvail().x);
  if (!is_sent) return;
  commands.push_back(SubmitCode{typed(code_), method_});
  code_.fill('\0');
}

// What lies beside the phone in its user's hand.
void SecondFactorScreen::draw_beside(const IdentityView& identity) {
  const bool is_sms = method_ == "sms";
  const std::string& shown = is_sms ? identity.text_message_code : identity.authenticator_code;
  if (method_ == "backup_code" || shown.empty()) return;
  heading(is_sms ? "The last text message says" : "The user's authenticator shows");
  text(shown);
  ImGui::SameLine();
  if (link("Fill in")) fill(code_, shown);
}

void SecondFactorScreen::draw(const Snapshot& snapshot, Commands& commands) {
  const IdentityView& identity = snapshot.identity;
  const ChallengeView challenge = identity.session.challenge.value_or(ChallengeView{});
  draw_app_head(identity.app, identity.session.email);
  ImGui::BeginDisabled(!identity.session.busy.empty());
  draw_word(identity);
  draw_methods(challenge);
  draw_code(challenge, commands);
  draw_limits(challenge, snapshot.clock.now_ms);
  if (link("Cancel this login")) commands.push_back(Logout{});
  draw_beside(identity);
  ImGui::EndDisabled();
}

void SecondFactorScreen::forget() { code_.fill('\0'); }

}  // namespace landfall::ui
