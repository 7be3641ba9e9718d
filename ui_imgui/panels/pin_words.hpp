#pragma once

#include <string>

#include "ui_imgui/identity.hpp"

namespace landfall::ui {

// "PIN, 4 to 6 digits"
[[nodiscard]] inline std::string pin_hint(const PinView& pin) {
  const std::string most = std::to_string(pin.digits_max);
  if (pin.digits_min == pin.digits_max) return "PIN, " + most + " digits";
  return "PIN, " + std::to_string(pin.digits_min) + " to " + most + " digits";
}

}  // namespace landfall::ui
