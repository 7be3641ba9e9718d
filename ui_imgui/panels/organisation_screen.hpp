#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// A login of somebody who belongs to several organisations waits for one (I-29).
void draw_organisation_screen(const Snapshot& snapshot, Commands& commands);

// The same list for a switch, with the active one marked (I-30).
void draw_organisation_switch(const IdentityView& identity, Commands& commands);

}  // namespace landfall::ui
