#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/draw/text_field.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The app's settings about its user: the organisation (I-30), the dashboard, the PIN and the
// finger that open the app (A-55, I-21), the second factor, and the way out.
class AccountPanel final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);
  void forget();

 private:
  void draw_pin(const LockView& lock, Commands& commands);
  void draw_pin_change(const PinView& pin, Commands& commands);
  void draw_biometric(const IdentityView& identity, Commands& commands);
  void draw_second_factor(const IdentityView& identity, Commands& commands);
  void draw_factor_code(const IdentityView& identity, Commands& commands);

  TypedText pin_{};
  TypedText new_pin_{};
  TypedText phone_number_{};
  TypedText code_{};
  bool shows_pin_ = false;
  bool shows_new_pin_ = false;
};

}  // namespace landfall::ui
