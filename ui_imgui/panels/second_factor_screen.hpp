#pragma once

#include <string>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/draw/text_field.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The code behind a password: of an authenticator, of a text message, or from the list of
// backup codes, whichever the server takes for this login.
class SecondFactorScreen final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);
  void forget();

 private:
  void draw_methods(const ChallengeView& challenge);
  void draw_code(const ChallengeView& challenge, Commands& commands);
  void draw_beside(const IdentityView& identity);

  TypedText code_{};
  std::string method_;
};

}  // namespace landfall::ui
