#pragma once

#include <array>
#include <string>

#include <imgui.h>

namespace landfall::ui {

// What is typed into one field, with the zero behind it.
using TypedText = std::array<char, 321>;

[[nodiscard]] std::string typed(const TypedText& text);
void fill(TypedText& text, const std::string& words);

// A field over the width of the card that says by its hint what it is for. True: its user pressed
// the enter key in it.
[[nodiscard]] bool text_field(const char* hint, TypedText& text, ImGuiInputTextFlags flags = 0);

// The same for a secret, with a button that shows or hides it.
[[nodiscard]] bool secret_field(const char* hint, TypedText& text, bool& is_shown,
                                ImGuiInputTextFlags flags = 0);

}  // namespace landfall::ui
