#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/draw/text_field.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// What a code of the host interface means, and what would help: of the one that is typed here, or
// was pressed somewhere else. It lies over the desk for as long as somebody wants it.
class CodePanel final {
 public:
  // In a window of its own: outside of every other.
  void draw(const Snapshot& snapshot, Commands& commands);

 private:
  void draw_field(const CodeView& view, Commands& commands);

  TypedText code_{};
  std::string shown_;  // the code that stands in the field
};

}  // namespace landfall::ui
