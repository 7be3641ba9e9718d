#include "ui_imgui/panels/lock_screen.hpp"

#include <algorithm>
#include <string>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/app_head.hpp"
#include "ui_imgui/panels/pin_words.hpp"

namespace landfall::ui {
namespace {

bool helps(const LockView& lock, const std::string& proof) {
  return std::find(lock.help.begin(), lock.help.end(), proof) != lock.help.end();
}

std::string wait_text(std::int64_t until_ms, std::int64_t now_ms) {
  return "Locked until " + time_text(until_ms) + ", " + until_text(until_ms, now_ms);
}

}  // namespace

void LockScreen::draw_pin(const Snapshot& snapshot, const PinView& pin, Commands& commands) {
  if (!pin.is_configured) return hint("No PIN was set on this phone.");
  if (pin.is_hard_locked) return complaint(snapshot.identity.app.message("pin.hard_locked"));
  const bool waits = pin.wait_until_ms && *pin.wait_until_ms > snapshot.clock.now_ms;
  if (waits) complaint(wait_text(*pin.wait_until_ms, snapshot.clock.now_ms));
  ImGui::BeginDisabled(waits);
  bool is_sent =
      secret_field(pin_hint(pin).c_str(), pin_, shows_pin_, ImGuiInputTextFlags_CharsDecimal);
  is_sent |= button("Unlock", Weight::strong, ImGui::GetContentRegionAvail().x);
  ImGui::EndDisabled();
  if (pin.failures > 0)
    muted_text(counted(static_cast<std::uint64_t>(pin.failures_left), "attempt") + " left");
  if (!is_sent || waits) return;
  commands.push_back(UnlockByPin{typed(pin_)});
  pin_.fill('\0');
}

void LockScreen::draw(const Snapshot& snapshot, Commands& commands) {
  const IdentityView& identity = snapshot.identity;
  const std::string& name = identity.session.user_name;
  draw_app_head(identity.app, name.empty() ? "Locked" : "Locked, " + name);
  ImGui::BeginDisabled(!identity.session.busy.empty());
  draw_word(identity);
  if (identity.lock.pin) draw_pin(snapshot, *identity.lock.pin, commands);
  const float width = ImGui::GetContentRegionAvail().x;
  const bool has_finger = helps(identity.lock, "biometric") && identity.supports_biometric;
  if (has_finger && button("Use your finger or face", Weight::plain, width))
    commands.push_back(UnlockByBiometric{});
  if (link("Use your password")) commands.push_back(UsePassword{true});
  ImGui::EndDisabled();
}

void LockScreen::forget() {
  pin_.fill('\0');
  shows_pin_ = false;
}

}  // namespace landfall::ui
