#include "ui_imgui/panels/requisitions_panel.hpp"

#include <algorithm>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

template <class Line>
void fill(Line& line, const std::string& words) {
  line.fill('\0');
  std::copy_n(words.begin(), std::min(words.size(), line.size() - 1), line.begin());
}

}  // namespace

void RequisitionsPanel::open(const RequisitionView& requisition) {
  open_ = open_ == requisition.id ? "" : requisition.id;
  fill(title_, requisition.title);
  fill(note_, requisition.note);
}

void RequisitionsPanel::draw_new(Commands& commands) {
  const float width = ImGui::GetContentRegionAvail().x;
  ImGui::SetNextItemWidth(width);
  ImGui::InputTextWithHint("##new title", "Title", new_title_.data(), new_title_.size());
  const float create = button_width("Create");
  ImGui::SetNextItemWidth(width - create - ImGui::GetStyle().ItemSpacing.x);
  ImGui::InputTextWithHint("##new project", "Project", new_project_.data(), new_project_.size());
  ImGui::SameLine();
  if (button("Create", Weight::strong))
    commands.push_back(CreateRequisition{new_title_.data(), new_project_.data()});
  if (button("Fetch from the server", Weight::plain, width))
    commands.push_back(FetchRequisitions{});
  ImGui::Separator();
}

void RequisitionsPanel::draw_editor(const RequisitionView& requisition, Commands& commands) {
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  ImGui::InputTextWithHint("##title", "Title", title_.data(), title_.size());
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
  ImGui::InputTextWithHint("##note", "Note", note_.data(), note_.size());
  if (button("Save", Weight::strong))
    commands.push_back(EditRequisition{requisition.id, title_.data(), note_.data()});
  ImGui::SameLine();
  if (button("Submit")) commands.push_back(SubmitRequisition{requisition.id});
  ImGui::SameLine();
  if (button("Delete", Weight::danger)) commands.push_back(DeleteRequisition{requisition.id});
}

void RequisitionsPanel::draw_requisition(const RequisitionView& requisition, Commands& commands) {
  ImGui::PushID(requisition.id.c_str());
  const char* label = open_ == requisition.id ? "Close" : "Edit";
  const float edit = button_width(label);
  ImGui::AlignTextToFramePadding();
  text(fitted(requisition.title, ImGui::GetContentRegionAvail().x - edit - em(0.8F)));
  ImGui::SameLine();
  align_right(edit);
  if (button(label)) open(requisition);
  badge(palette().wait, requisition.status.empty() ? "draft" : requisition.status);
  if (requisition.pending_sync) {
    ImGui::SameLine();
    badge(palette().warn, "pending sync");
  }
  ImGui::SameLine();
  muted_text(requisition.number.empty() ? requisition.project
                                        : requisition.number + "  " + requisition.project);
  if (open_ == requisition.id) draw_editor(requisition, commands);
  ImGui::Separator();
  ImGui::PopID();
}

void RequisitionsPanel::draw(const Snapshot& snapshot, Commands& commands) {
  draw_new(commands);
  ImGui::BeginChild("requisitions");
  if (snapshot.requisitions.empty()) hint("No requisitions on this phone yet.");
  for (const auto& requisition : snapshot.requisitions) draw_requisition(requisition, commands);
  ImGui::EndChild();
}

}  // namespace landfall::ui
