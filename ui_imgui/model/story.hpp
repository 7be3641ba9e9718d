#pragma once

#include <cstddef>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// Twelve virtual minutes at a phone for the picture of the window: work on a good network, faults,
// work offline while others decide, a power cut, and the way back. It does what a person could.
class Story final {
 public:
  // At 60 virtual seconds a second and 60 frames a second: a virtual second a frame.
  static constexpr int kFrames = 720;

  // What is to be done by now; each thing once.
  [[nodiscard]] Commands due(const Snapshot& snapshot);

 private:
  std::size_t next_ = 0;
};

}  // namespace landfall::ui
