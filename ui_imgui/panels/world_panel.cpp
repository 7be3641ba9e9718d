#include "ui_imgui/panels/world_panel.hpp"

#include <string>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

void draw_fault(const FaultView& fault, Commands& commands) {
  ImGui::PushID(fault.name.c_str());
  ImGui::AlignTextToFramePadding();
  colored_text(fault.chance > 0 ? palette().text : palette().muted, fault.name);
  ImGui::SameLine(em(8.6F));
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - em(2.6F));
  auto percent = static_cast<float>(fault.chance * 100);
  if (ImGui::SliderFloat("##chance", &percent, 0, 100, "%.0f %%", ImGuiSliderFlags_AlwaysClamp))
    commands.push_back(SetFault{fault.name, static_cast<double>(percent) / 100});
  if (fault.struck > 0) {
    ImGui::SameLine();
    colored_text(palette().warn, std::to_string(fault.struck) + "x");
  }
  ImGui::PopID();
}

void draw_faults(const WorldView& world, Commands& commands) {
  heading("Faults of a call");
  ImGui::SameLine();
  align_right(button_width("Clear"));
  if (ImGui::SmallButton("Clear")) commands.push_back(ClearFaults{});
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {em(0.4F), em(0.2F)});
  for (const auto& fault : world.faults) draw_fault(fault, commands);
  ImGui::PopStyleVar();
}

void draw_others(const WorldView& world, Commands& commands) {
  heading("Somebody else");
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const float width = (ImGui::GetContentRegionAvail().x - 2 * gap) / 3;
  if (button("approves", Weight::plain, width)) commands.push_back(OtherApproves{});
  ImGui::SameLine();
  if (button("edits", Weight::plain, width)) commands.push_back(OtherEdits{});
  ImGui::SameLine();
  if (button("asks", Weight::plain, width)) commands.push_back(OtherAsks{});
  ImGui::Dummy({0, em(0.1F)});
  if (button("Heal, rest and check every promise", Weight::strong,
             ImGui::GetContentRegionAvail().x))
    commands.push_back(HealAndCheck{});
  if (world.kills + world.power_cuts > 0) {
    muted_text("So far " + counted(world.kills, "kill") + " and " +
               counted(world.power_cuts, "power cut"));
  }
}

}  // namespace

void WorldPanel::draw_switches(const WorldView& world, Commands& commands) {
  if (toggle(world.network_up ? "Network up" : "Network down", world.network_up))
    commands.push_back(SetNetwork{!world.network_up, tell_engine_});
  ImGui::SameLine(em(9.8F));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {em(0.2F), em(0.08F)});
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + em(0.23F));
  ImGui::Checkbox("tell the engine", &tell_engine_);
  ImGui::PopStyleVar();
  if (toggle(world.server_down ? "Server down" : "Server up", !world.server_down))
    commands.push_back(SetServerDown{!world.server_down});
}

void WorldPanel::draw(const Snapshot& snapshot, Commands& commands) {
  draw_switches(snapshot.world, commands);
  draw_faults(snapshot.world, commands);
  draw_others(snapshot.world, commands);
}

}  // namespace landfall::ui
