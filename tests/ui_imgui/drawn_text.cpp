#include "tests/ui_imgui/drawn_text.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace landfall::ui {
namespace {

struct Glyph {
  const ImFont* font = nullptr;
  const ImFontGlyph* glyph = nullptr;
};

using GlyphMap = std::map<std::pair<float, float>, Glyph>;

GlyphMap glyphs_by_corner() {
  GlyphMap glyphs;
  for (const ImFont* font : ImGui::GetIO().Fonts->Fonts) {
    for (const ImFontGlyph& glyph : font->Glyphs) {
      if (glyph.Visible != 0) glyphs[{glyph.U0, glyph.V0}] = {font, &glyph};
    }
  }
  return glyphs;
}

// Glyphs come in the order in which they were drawn; a line grows while each next one stands where
// the pen is, or a few spaces further.
class LineBuilder final {
 public:
  void add(const Glyph& found, const ImDrawVert& corner, const ImDrawVert& opposite) {
    const ImFontGlyph& glyph = *found.glyph;
    const float scale = (opposite.pos.x - corner.pos.x) / (glyph.X1 - glyph.X0);
    const float pen = corner.pos.x - glyph.X0 * scale;
    const float top = corner.pos.y - glyph.Y0 * scale;
    const auto spaces = spaces_before(found, pen, top, scale, corner.col);
    if (spaces) {
      lines_.back().text.append(*spaces, ' ');
    } else {
      lines_.push_back({"", {pen, top}, {pen, top}, corner.col});
    }
    append_utf8(lines_.back().text, glyph.Codepoint);
    next_pen_ = pen + glyph.AdvanceX * scale;
    lines_.back().end = {next_pen_, top + found.font->FontSize * scale};
    font_ = found.font;
    top_ = top;
  }

  std::vector<DrawnText> take() { return std::move(lines_); }

 private:
  static constexpr float kNear = 0.6F;  // pixels; positions are rounded
  static constexpr float kSpacesMax = 4;

  std::optional<std::size_t> spaces_before(const Glyph& found, float pen, float top, float scale,
                                           ImU32 color) const {
    if (lines_.empty() || lines_.back().color != color) return std::nullopt;
    if (font_ != found.font || std::abs(top - top_) > kNear) return std::nullopt;
    const float gap = pen - next_pen_;
    const float count = gap / (found.font->GetCharAdvance(' ') * scale);
    const float whole = std::round(count);
    const bool fits = std::abs(gap - whole * found.font->GetCharAdvance(' ') * scale) <= kNear;
    if (!fits || whole < 0 || whole > kSpacesMax) return std::nullopt;
    return static_cast<std::size_t>(whole);
  }

  static void append_utf8(std::string& text, unsigned int codepoint) {
    if (codepoint < 0x80) {
      text += static_cast<char>(codepoint);
    } else if (codepoint < 0x800) {
      text += static_cast<char>(0xc0U | (codepoint >> 6U));
      text += static_cast<char>(0x80U | (codepoint & 0x3fU));
    } else {
      text += static_cast<char>(0xe0U | (codepoint >> 12U));
      text += static_cast<char>(0x80U | ((codepoint >> 6U) & 0x3fU));
      text += static_cast<char>(0x80U | (codepoint & 0x3fU));
    }
  }

  std::vector<DrawnText> lines_;
  const ImFont* font_ = nullptr;
  float next_pen_ = 0;
  float top_ = 0;
};

bool is_inside(const ImVec4& clip, const ImDrawVert& a, const ImDrawVert& b) {
  const float x = (a.pos.x + b.pos.x) / 2, y = (a.pos.y + b.pos.y) / 2;
  return x >= clip.x && x <= clip.z && y >= clip.y && y <= clip.w;
}

void read_command(const ImDrawList& list, const ImDrawCmd& command, const GlyphMap& glyphs,
                  LineBuilder& lines) {
  for (unsigned int i = 0; i + 2 < command.ElemCount; i += 3) {
    const int at = static_cast<int>(command.IdxOffset + i);
    const ImDrawIdx first = list.IdxBuffer[at], third = list.IdxBuffer[at + 2];
    // A glyph is two triangles; the first of them names three corners in a row.
    if (list.IdxBuffer[at + 1] != first + 1 || third != first + 2) continue;
    const int base = static_cast<int>(command.VtxOffset);
    const ImDrawVert& corner = list.VtxBuffer[base + first];
    const ImDrawVert& opposite = list.VtxBuffer[base + third];
    const auto found = glyphs.find({corner.uv.x, corner.uv.y});
    if (found == glyphs.end()) continue;
    const ImFontGlyph& glyph = *found->second.glyph;
    const bool is_whole = opposite.uv.x == glyph.U1 && opposite.uv.y == glyph.V1;
    if (is_whole && is_inside(command.ClipRect, corner, opposite))
      lines.add(found->second, corner, opposite);
  }
}

}  // namespace

std::vector<DrawnText> read_drawn_text(const ImDrawData& frame) {
  const GlyphMap glyphs = glyphs_by_corner();
  LineBuilder lines;
  for (int i = 0; i < frame.CmdListsCount; ++i) {
    const ImDrawList& list = *frame.CmdLists[i];
    for (const ImDrawCmd& command : list.CmdBuffer) read_command(list, command, glyphs, lines);
  }
  return lines.take();
}

}  // namespace landfall::ui
