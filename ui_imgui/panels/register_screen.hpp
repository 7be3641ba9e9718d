#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/draw/text_field.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The form for a new account, where the profile has an endpoint for one (I-2). Nobody is logged in
// by it.
class RegisterScreen final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);
  void forget();

 private:
  TypedText name_{};
  TypedText email_{};
  TypedText password_{};
  bool shows_password_ = false;
};

}  // namespace landfall::ui
