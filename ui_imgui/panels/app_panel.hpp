#pragma once

#include <string>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/panels/account_panel.hpp"
#include "ui_imgui/panels/conflicts_panel.hpp"
#include "ui_imgui/panels/lock_screen.hpp"
#include "ui_imgui/panels/login_screen.hpp"
#include "ui_imgui/panels/register_screen.hpp"
#include "ui_imgui/panels/second_factor_screen.hpp"
#include "ui_imgui/panels/work_panel.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The phone's app: the one screen that the snapshot names, and once its user is in, their work,
// their conflicts and their account. What was typed on a screen is forgotten when another is shown,
// or another phone.
class AppPanel final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);

 private:
  enum class Section { documents, conflicts, account };

  void forget_behind(const Snapshot& snapshot);
  void draw_screen(const Snapshot& snapshot, Commands& commands);
  void draw_work(const Snapshot& snapshot, Commands& commands);
  void draw_sections(const Snapshot& snapshot);

  LoginScreen login_;
  RegisterScreen registration_;
  SecondFactorScreen second_factor_;
  LockScreen lock_;
  WorkPanel work_;
  ConflictsPanel conflicts_;
  AccountPanel account_;
  Section section_ = Section::documents;
  PhoneScreen shown_ = PhoneScreen::off;
  std::string shown_phone_;
};

}  // namespace landfall::ui
