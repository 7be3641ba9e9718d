#pragma once

#include <imgui.h>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/panels/app_panel.hpp"
#include "ui_imgui/panels/code_panel.hpp"
#include "ui_imgui/panels/history_panel.hpp"
#include "ui_imgui/panels/log_panel.hpp"
#include "ui_imgui/panels/outbox_panel.hpp"
#include "ui_imgui/panels/scenario_panel.hpp"
#include "ui_imgui/panels/world_panel.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The whole window: every panel in its place. What it remembers between frames is what was typed,
// chosen and scrolled, nothing of the world. One desk a window; between ImGui::NewFrame and Render.
class Desk final {
 public:
  // Draws one frame over the whole display and returns what was asked for in it.
  [[nodiscard]] Commands draw(const Snapshot& snapshot);

 private:
  void draw_left(const Snapshot& snapshot, ImVec2 at, ImVec2 size, Commands& commands);
  void draw_middle(const Snapshot& snapshot, ImVec2 at, ImVec2 size, Commands& commands);
  void draw_right(const Snapshot& snapshot, ImVec2 at, ImVec2 size, Commands& commands);

  WorldPanel world_;
  OutboxPanel outbox_;
  HistoryPanel history_;
  LogPanel log_;
  AppPanel app_;
  ScenarioPanel scenario_;
  CodePanel code_;
};

}  // namespace landfall::ui
