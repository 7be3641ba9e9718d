#pragma once

#include <string>

#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// What stands at the top of the screens in front of the app's work: its logo and name (I-3), and
// what the screen is for.
void draw_app_head(const AppView& app, const std::string& purpose);

// What the engine refused, where it names no field of the form, or else its word to the user.
void draw_word(const IdentityView& identity);

// The engine's word about one field of the form (I-4, I-5).
void draw_field_word(const IdentityView& identity, const char* field);

}  // namespace landfall::ui
