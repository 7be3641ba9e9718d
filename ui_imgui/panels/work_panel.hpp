#pragma once

#include "ui_imgui/commands.hpp"
#include "ui_imgui/panels/approvals_panel.hpp"
#include "ui_imgui/panels/requisitions_panel.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The app's documents, a tab for each kind, and what the engine refused last.
class WorkPanel final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);

 private:
  void draw_app_tabs(const Snapshot& snapshot, Commands& commands);

  ApprovalsPanel approvals_;
  RequisitionsPanel requisitions_;
};

}  // namespace landfall::ui
