#include "ui_imgui/panels/top_bar.hpp"

#include <array>
#include <string>
#include <utility>

#include "ui_imgui/draw/format.hpp"
#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

constexpr std::array<int, 4> kSpeeds{1, 10, 60, 600};
constexpr std::array<std::pair<const char*, std::int64_t>, 4> kJumps{
    {{"+1 s", 1'000}, {"+10 s", 10'000}, {"+1 min", 60'000}, {"+10 min", 600'000}}};

void draw_speeds(const ClockView& clock, Commands& commands) {
  if (button(clock.is_paused ? "Run" : "Pause", Weight::strong, em(4)))
    commands.push_back(SetPaused{!clock.is_paused});
  for (const int speed : kSpeeds) {
    ImGui::SameLine(0, em(0.3F));
    const std::string label = std::to_string(speed) + "x";
    const bool is_chosen = clock.speed == speed;
    if (button(label.c_str(), is_chosen ? Weight::strong : Weight::plain))
      commands.push_back(SetSpeed{speed});
  }
}

void draw_jumps(Commands& commands) {
  for (const auto& [label, span_ms] : kJumps) {
    ImGui::SameLine(0, em(0.3F));
    if (button(label)) commands.push_back(PassTime{span_ms});
  }
}

std::string verdict_text(const Snapshot& snapshot) {
  if (!snapshot.violations.empty()) return counted(snapshot.violations.size(), "violation");
  return snapshot.promises_checked ? "checked: every promise holds" : "no violation";
}

void draw_verdict(const Snapshot& snapshot, Commands& commands) {
  const WorldView& world = snapshot.world;
  const std::string effects = counted(world.server_effects, "effect") + ", " +
                              std::to_string(world.duplicate_effects) + " twice";
  const std::string verdict = verdict_text(snapshot);
  const float badges = ImGui::CalcTextSize((effects + verdict).c_str()).x + em(1.8F);
  const float spacing = 2 * ImGui::GetStyle().ItemSpacing.x;
  ImGui::SameLine();
  align_right(badges + spacing + button_width("Restart"));
  const float line = ImGui::GetCursorPosY();
  ImGui::SetCursorPosY(line + em(0.22F));
  badge(world.duplicate_effects == 0 ? palette().wait : palette().bad, effects);
  ImGui::SameLine();
  ImGui::SetCursorPosY(line + em(0.22F));
  badge(snapshot.violations.empty() ? palette().good : palette().bad, verdict);
  ImGui::SameLine();
  ImGui::SetCursorPosY(line);
  if (button("Restart")) commands.push_back(Restart{});
}

}  // namespace

void draw_top_bar(const Snapshot& snapshot, Commands& commands) {
  ImGui::AlignTextToFramePadding();
  colored_text(palette().accent, "Landfall");
  ImGui::SameLine(0, em(1.2F));
  text(clock_text(snapshot.clock.now_ms));
  ImGui::SameLine(0, em(0.8F));
  muted_text("after " + span_text(snapshot.clock.now_ms - snapshot.clock.start_ms));
  ImGui::SameLine(em(31));
  draw_speeds(snapshot.clock, commands);
  ImGui::SameLine(0, em(0.9F));
  ImGui::Dummy({0, 0});
  draw_jumps(commands);
  draw_verdict(snapshot, commands);
}

}  // namespace landfall::ui
