#pragma once

#include <array>

#include "ui_imgui/commands.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// The approvals of the phone's user, with what was decided here laid over them.
class ApprovalsPanel final {
 public:
  void draw(const Snapshot& snapshot, Commands& commands);

 private:
  void draw_approval(const ApprovalView& approval, Commands& commands);

  std::array<char, 200> comment_{};
};

}  // namespace landfall::ui
