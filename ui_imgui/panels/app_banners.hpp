#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// What lies above whatever screen is shown: that the phone is cut off (I-31), that a newer app is
// recommended (P-101), what the engine had to say last, and that the session has ended while
// work goes on.
void draw_app_banners(const IdentityView& identity, Commands& commands);

// The question behind a first login with a password (I-17).
void draw_biometric_offer(const IdentityView& identity, Commands& commands);

}  // namespace landfall::ui
