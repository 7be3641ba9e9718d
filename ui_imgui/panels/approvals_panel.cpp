#include "ui_imgui/panels/approvals_panel.hpp"

#include <string>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

ImU32 status_color(const std::string& status) {
  if (status == "approved") return palette().good;
  return status == "rejected" ? palette().bad : palette().wait;
}

}  // namespace

void ApprovalsPanel::draw_approval(const ApprovalView& approval, Commands& commands) {
  ImGui::PushID(approval.id.c_str());
  const std::string amount = approval.currency + " " + grouped(approval.amount);
  const float amount_width = ImGui::CalcTextSize(amount.c_str()).x;
  text(fitted(approval.title, ImGui::GetContentRegionAvail().x - amount_width - em(0.5F)));
  ImGui::SameLine();
  align_right(amount_width);
  text(amount);
  ImGui::AlignTextToFramePadding();
  muted_text(approval.number);
  ImGui::SameLine();
  if (approval.status == "pending") {
    align_right(button_width("Approve") + button_width("Reject") + ImGui::GetStyle().ItemSpacing.x);
    if (button("Approve", Weight::strong))
      commands.push_back(Approve{approval.id, comment_.data()});
    ImGui::SameLine();
    if (button("Reject", Weight::danger)) commands.push_back(Reject{approval.id, comment_.data()});
  } else {
    const float pending =
        approval.pending_sync ? ImGui::CalcTextSize("pending sync").x + em(1.4F) : 0.0F;
    align_right(ImGui::CalcTextSize(approval.status.c_str()).x + em(0.9F) + pending);
    if (approval.pending_sync) {
      badge(palette().warn, "pending sync");
      ImGui::SameLine();
    }
    badge(status_color(approval.status), approval.status);
  }
  ImGui::Separator();
  ImGui::PopID();
}

void ApprovalsPanel::draw(const Snapshot& snapshot, Commands& commands) {
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  ImGui::InputTextWithHint("##comment", "Comment; a rejection needs 10 characters", comment_.data(),
                           comment_.size());
  if (snapshot.approvals.empty()) {
    hint("No approvals on this phone: they come with a pull, once somebody is logged in.");
    return;
  }
  ImGui::Dummy({0, em(0.1F)});
  ImGui::BeginChild("approvals");
  for (const auto& approval : snapshot.approvals) draw_approval(approval, commands);
  ImGui::EndChild();
}

}  // namespace landfall::ui
