#include "ui_imgui/panels/conflicts_panel.hpp"

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

constexpr float kNameEm = 4.5F;

void draw_version(const char* name, const std::string& value, ImU32 color) {
  muted_text(name);
  ImGui::SameLine(em(kNameEm));
  colored_text(color, fitted(value.empty() ? "nothing" : value, ImGui::GetContentRegionAvail().x));
}

std::string heading_of(const ConflictFieldView& field) {
  return field.taken.empty() || field.is_open ? field.name : field.name + ", " + field.taken;
}

void draw_title(const ConflictView& conflict) {
  text(conflict.title);
  ImGui::SameLine();
  badge(conflict.is_open ? state_color("conflict") : palette().muted, conflict.state);
  if (conflict.is_open && !conflict.reason.empty()) muted_text("asked because: " + conflict.reason);
  if (conflict.is_deleted) complaint("Somebody else has deleted it.");
}

}  // namespace

// Theirs is what the document has meanwhile.
std::string& ConflictsPanel::side_of(const ConflictView& conflict, const std::string& field) {
  return sides_[conflict.id].try_emplace(field, "theirs").first->second;
}

void ConflictsPanel::draw_field(const ConflictView& conflict, const ConflictFieldView& field) {
  ImGui::PushID(field.name.c_str());
  heading(heading_of(field).c_str());
  draw_version("base", field.base, palette().muted);
  draw_version("mine", field.mine, palette().accent);
  draw_version("theirs", field.theirs, palette().warn);
  if (!field.is_open) {
    draw_version("merged", field.merged, palette().good);
  } else if (conflict.is_open) {
    std::string& side = side_of(conflict, field.name);
    if (ImGui::RadioButton("take mine", side == "mine")) side = "mine";
    ImGui::SameLine(0, em(2.0F));
    if (ImGui::RadioButton("take theirs", side == "theirs")) side = "theirs";
  }
  ImGui::PopID();
}

// What the rules merged, with the chosen side in each field that they left open.
ResolveConflict ConflictsPanel::merged_of(const ConflictView& conflict) {
  ResolveConflict command{conflict.id, "", {}};
  for (const auto& field : conflict.fields) {
    if (field.is_open) command.choices[field.name] = side_of(conflict, field.name);
  }
  return command;
}

void ConflictsPanel::draw_words(const ConflictView& conflict, Commands& commands) {
  if (conflict.can_reopen && button("Take the decision back"))
    commands.push_back(ReopenConflict{conflict.id});
  if (!conflict.is_open) return;
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float width = (ImGui::GetContentRegionAvail().x - 2 * gap) / 3;
  if (button("Keep mine", Weight::plain, width))
    commands.push_back(ResolveConflict{conflict.id, "mine", {}});
  ImGui::SameLine();
  if (button("Keep theirs", Weight::plain, width))
    commands.push_back(ResolveConflict{conflict.id, "theirs", {}});
  ImGui::SameLine();
  if (button("Keep merged", Weight::strong, width)) commands.push_back(merged_of(conflict));
}

void ConflictsPanel::draw_conflict(const ConflictView& conflict, Commands& commands) {
  ImGui::PushID(conflict.id.c_str());
  draw_title(conflict);
  for (const auto& field : conflict.fields) draw_field(conflict, field);
  draw_words(conflict, commands);
  ImGui::Separator();
  ImGui::PopID();
}

void ConflictsPanel::draw(const Snapshot& snapshot, Commands& commands) {
  if (snapshot.conflicts.empty()) {
    hint("No conflicts: nobody else changed what was changed here.");
    return;
  }
  ImGui::BeginChild("conflicts");
  for (const auto& conflict : snapshot.conflicts) draw_conflict(conflict, commands);
  ImGui::EndChild();
}

}  // namespace landfall::ui
