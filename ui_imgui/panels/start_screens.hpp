#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

// Where an app leads its user between its start and their work.
namespace landfall::ui {

// No process runs, or its engine has not said yet who is here.
void draw_waiting_screen(const Snapshot& snapshot);
void draw_onboarding_screen(const Snapshot& snapshot, Commands& commands);
void draw_first_sync_screen(const Snapshot& snapshot, Commands& commands);
// A card for each dashboard of the user's roles.
void draw_role_screen(const Snapshot& snapshot, Commands& commands);
// The server serves this version no more: nothing else can be done (P-101).
void draw_update_screen(const Snapshot& snapshot);

}  // namespace landfall::ui
