#pragma once

#include <string>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/draw/text_field.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The form with email and password (I-3), with a button for the finger where one opens the app
// without a PIN (I-19). What is typed is checked by the engine alone (I-4, I-5).
class LoginScreen final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);
  // Another screen is shown: no password waits behind it.
  void forget();

 private:
  void fill_in(const IdentityView& identity);
  void draw_form(const IdentityView& identity, Commands& commands);
  void draw_remembered(const IdentityView& identity, Commands& commands);
  void draw_finger(const IdentityView& identity, Commands& commands);
  void draw_links(const IdentityView& identity, Commands& commands);
  void draw_owner(const IdentityView& identity);

  TypedText email_{};
  TypedText password_{};
  bool shows_password_ = false;
  bool remembers_ = false;
  bool keeps_password_ = false;  // by explicit word alone (C-14)
  bool forgot_ = false;
  std::string filled_in_;  // the remembered address that was
};

}  // namespace landfall::ui
