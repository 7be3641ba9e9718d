#pragma once

#include <array>
#include <string>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The purchase requisitions on the phone: write a new one, edit, submit, delete.
class RequisitionsPanel final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);

 private:
  using Line = std::array<char, 200>;

  void draw_new(Commands& commands);
  void draw_requisition(const RequisitionView& requisition, Commands& commands);
  void draw_editor(const RequisitionView& requisition, Commands& commands);
  void open(const RequisitionView& requisition);

  Line new_title_{"Cement for the depot"};
  Line new_project_{"Metro Depot"};
  std::string open_;  // the one that is edited
  Line title_{};
  Line note_{};
};

}  // namespace landfall::ui
