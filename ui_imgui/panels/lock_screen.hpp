#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/draw/text_field.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// What opens the app again: the PIN with the tries that are left and the time before the next
// a finger where one is enrolled (P-13), and the password in any case.
class LockScreen final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);
  void forget();

 private:
  void draw_pin(const Snapshot& snapshot, const PinView& pin, Commands& commands);

  TypedText pin_{};
  bool shows_pin_ = false;
};

}  // namespace landfall::ui
