#include "ui_imgui/panels/desk.hpp"

#include <algorithm>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"
#include "ui_imgui/panels/explanation_panel.hpp"
#include "ui_imgui/panels/phone_panel.hpp"
#include "ui_imgui/panels/top_bar.hpp"
#include "ui_imgui/panels/violations_panel.hpp"

namespace landfall::ui {
namespace {

constexpr float kGapEm = 0.6F;
constexpr float kTopEm = 3.0F;
constexpr float kLeftEm = 19.5F;
constexpr float kRightEm = 24.0F;
constexpr float kPhoneEm = 15.4F;
constexpr float kExplanationEm = 7.9F;
constexpr float kHistoryEm = 10.0F;
constexpr float kViolationsEm = 6.0F;
constexpr float kLogShare = 0.24F;
constexpr float kScenarioShare = 0.38F;

}  // namespace

void Desk::draw_left(const Snapshot& snapshot, ImVec2 at, ImVec2 size, Commands& commands) {
  float y = at.y;
  if (snapshot.scenario) {
    const float height = size.y * kScenarioShare;
    begin_card("Scenario", at, {size.x, height});
    scenario_.draw(*snapshot.scenario, commands);
    end_card();
    y += height + em(kGapEm);
  }
  const float choice = snapshot.phones.size() > 1 ? ImGui::GetFrameHeightWithSpacing() : 0;
  const float phone = em(kPhoneEm) + choice;
  begin_card("Phone", {at.x, y}, {size.x, phone});
  draw_phone_panel(snapshot, commands);
  end_card();
  y += phone + em(kGapEm);
  begin_card("World", {at.x, y}, {size.x, at.y + size.y - y});
  world_.draw(snapshot, commands);
  end_card();
}

void Desk::draw_middle(const Snapshot& snapshot, ImVec2 at, ImVec2 size, Commands& commands) {
  const float gap = em(kGapEm);
  float y = at.y;
  const float bottom = at.y + size.y;
  if (!snapshot.violations.empty()) {
    begin_card("Violations", {at.x, y}, {size.x, em(kViolationsEm)});
    draw_violations_panel(snapshot);
    end_card();
    y += em(kViolationsEm) + gap;
  }
  const float log = size.y * kLogShare;
  const float outbox = bottom - y - log - em(kHistoryEm) - em(kExplanationEm) - 3 * gap;
  begin_card("Outbox", {at.x, y}, {size.x, outbox});
  outbox_.draw(snapshot, commands);
  end_card();
  y += outbox + gap;
  begin_card("Why", {at.x, y}, {size.x, em(kExplanationEm)});
  draw_explanation_panel(snapshot, commands);
  end_card();
  y += em(kExplanationEm) + gap;
  begin_card("Depth", {at.x, y}, {size.x, em(kHistoryEm)});
  history_.draw(snapshot);
  end_card();
  begin_card("Log", {at.x, bottom - log}, {size.x, log});
  log_.draw(snapshot);
  end_card();
}

void Desk::draw_right(const Snapshot& snapshot, ImVec2 at, ImVec2 size, Commands& commands) {
  begin_card("Work", at, size);
  app_.draw(snapshot, commands);
  end_card();
}

Commands Desk::draw(const Snapshot& snapshot) {
  Commands commands;
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(display);
  constexpr ImGuiWindowFlags kFlags =
      ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
      ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollWithMouse;
  ImGui::Begin("Landfall", nullptr, kFlags);
  const float gap = em(kGapEm);
  ImGui::SetCursorPos({gap * 2, gap});
  ImGui::BeginChild("bar", {display.x - 4 * gap, em(kTopEm) - gap}, false,
                    ImGuiWindowFlags_NoBackground);
  draw_top_bar(snapshot, commands);
  ImGui::EndChild();

  const float top = em(kTopEm), height = display.y - top - gap;
  const float left = em(kLeftEm), right = em(kRightEm);
  const float middle = std::max(display.x - left - right - 4 * gap, em(20));
  draw_left(snapshot, {gap, top}, {left, height}, commands);
  draw_middle(snapshot, {2 * gap + left, top}, {middle, height}, commands);
  draw_right(snapshot, {3 * gap + left + middle, top}, {right, height}, commands);
  ImGui::End();
  code_.draw(snapshot, commands);
  return commands;
}

}  // namespace landfall::ui
