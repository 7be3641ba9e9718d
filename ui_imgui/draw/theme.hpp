#pragma once

#include <string_view>

#include <imgui.h>

#include "ui_imgui/snapshot.hpp"

// The window's look: a calm dark theme, and one colour for each state wherever it is shown.
namespace landfall::ui {

struct Palette {
  ImU32 window, card, raised, line, text, muted, accent, good, wait, warn, stuck, bad;
};
[[nodiscard]] const Palette& palette();

// Of an operation's state.
[[nodiscard]] ImU32 state_color(std::string_view state);
// Of engine, session and connectivity states.
[[nodiscard]] ImU32 health_color(std::string_view state);
[[nodiscard]] ImU32 log_color(LogKind kind);
[[nodiscard]] ImU32 spell_color(SpellKind kind);

// Of "#rrggbb"; `otherwise` for any other text.
[[nodiscard]] ImU32 color_of(std::string_view text, ImU32 otherwise);
// The same colour, `alpha` (0 to 1) as strong.
[[nodiscard]] ImU32 faded(ImU32 color, float alpha);
[[nodiscard]] ImVec4 to_vec4(ImU32 color);

// Sets ImGui's style; once after the context is made. `scale` is that of the monitor.
void apply_theme(float scale);

// A length in font sizes, so that the layout grows with the font: with its height, or with its
// letters where they are wide for it.
[[nodiscard]] float em(float count);

}  // namespace landfall::ui
