#pragma once

#include <string>
#include <vector>

#include <imgui.h>

namespace landfall::ui {

// One line of text as it stands in the frame's triangles.
struct DrawnText {
  std::string text;
  ImVec2 begin;
  ImVec2 end;
  ImU32 color = 0;
};

// Reads the text of a rendered frame back from its triangles: each quad that carries the texture
// coordinates of a glyph is that glyph, and what is outside of its clip rectangle is left out. So a
// test sees what a person would see, however it was drawn. Text that stands close behind other text
// of its colour becomes a part of it.
[[nodiscard]] std::vector<DrawnText> read_drawn_text(const ImDrawData& frame);

}  // namespace landfall::ui
