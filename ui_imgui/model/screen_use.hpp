#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.hpp"
#include "ui_imgui/commands.hpp"

namespace landfall::ui {

// Whether the phone's user does this on its screen. What befalls the phone, what the window alone
// hears of, and the choice of what it shows is none of it. Pure.
[[nodiscard]] bool is_done_on_screen(const Command& command);

// When an app tells its engine that its user is there (activity.touch, I-24): at once with whatever
// they do, and now and then for as long as they are at it. Hands are counted in the time of whoever
// sits before the window, touches in the phone's: at a high speed half an hour of the phone's is
// over between two strokes of a key. Pure; times are arguments.
class ScreenUse final {
 public:
  // Much shorter than any time after which an app is idle.
  static constexpr Duration kTouchEvery{60'000};
  // Somebody who reads keeps their hands still for so long.
  static constexpr double kHandsOffMs = 20'000;

  // Their hands are on the screen.
  void use() { hands_still_ms_ = 0; }
  // So much real time passed.
  void pass_real(double real_ms);
  [[nodiscard]] bool is_in_use() const { return hands_still_ms_.has_value(); }
  // While it is in use: the last touch is too long ago at this time of the phone.
  [[nodiscard]] bool is_touch_due(std::int64_t now_ms) const;
  // The engine was told.
  void on_touched(std::int64_t now_ms) { touched_ms_ = now_ms; }

 private:
  std::optional<double> hands_still_ms_;  // real time since the last use; empty: nobody is there
  std::optional<std::int64_t> touched_ms_;
};

}  // namespace landfall::ui
