#pragma once

#include <string>
#include <string_view>

#include <imgui.h>

// The small things that several panels draw.
namespace landfall::ui {

void text(const std::string& words);
void colored_text(ImU32 color, const std::string& words);
void muted_text(const std::string& words);
// Muted, and wrapped at the end of the card.
void hint(const std::string& words);
// The text up to `width`, with "…" where it was cut.
[[nodiscard]] std::string fitted(const std::string& words, float width);

// Places the next item so that it ends at the right edge of the region.
void align_right(float width);
[[nodiscard]] float button_width(const char* label);

// A filled label; as wide as its words.
void badge(ImU32 color, const std::string& words);

enum class Weight { plain, strong, danger };
[[nodiscard]] bool button(const char* label, Weight weight = Weight::plain, float width = 0);

// A switch with its label on the right; true when it was turned. `is_on` is what is shown.
[[nodiscard]] bool toggle(const char* label, bool is_on);

// Words that can be pressed.
[[nodiscard]] bool link(const char* words);
// Words of a text that can be pressed too, and look like the others until they are pointed at.
[[nodiscard]] bool pressed_text(ImU32 color, const std::string& words);
// Wrapped at the end of the card; nothing for no words.
void complaint(const std::string& words);
// A filled line over the whole width that says something of everything below.
void banner(ImU32 color, const std::string& words);
// Something is under way; it turns while it is drawn.
void spinner(const std::string& words);

// A small heading inside a card.
void heading(const char* words);

// A titled region of the desk with its own scrolling. `end_card` is called either way.
void begin_card(const char* title, ImVec2 position, ImVec2 size);
void end_card();

// Whether the pointer moves, presses or turns its wheel over the current card in this frame, or
// something is typed into it.
[[nodiscard]] bool is_region_used();

// A name and its value on one line, the value in a column of its own.
void row(const char* name, ImU32 color, const std::string& value);

}  // namespace landfall::ui
