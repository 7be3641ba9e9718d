#include "ui_imgui/panels/scenario_panel.hpp"

#include <algorithm>
#include <string>

#include "ui_imgui/draw/theme.hpp"
#include "ui_imgui/draw/widgets.hpp"

namespace landfall::ui {
namespace {

ImU32 step_color(StepState state) {
  switch (state) {
    case StepState::ahead:
      return palette().muted;
    case StepState::next:
      return palette().accent;
    case StepState::passed:
      return palette().good;
    case StepState::failed:
      return palette().bad;
  }
  return palette().muted;
}

void draw_buttons(const ScenarioView& scenario, Commands& commands) {
  ImGui::BeginDisabled(scenario.is_over);
  if (button(scenario.is_running ? "Stop" : "Run all", Weight::strong))
    commands.push_back(PlayScenario{!scenario.is_running});
  ImGui::SameLine();
  if (button("Next step")) commands.push_back(PlayStep{});
  ImGui::EndDisabled();
}

void draw_step(std::size_t number, const ScenarioStepView& step) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const ImU32 color = step_color(step.state);
  if (step.state == StepState::next || step.state == StepState::failed) {
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = ImGui::CalcTextSize(step.text.c_str(), nullptr, false, width - em(2.2F)).y;
    ImGui::GetWindowDrawList()->AddRectFilled({at.x - em(0.2F), at.y - em(0.12F)},
                                              {at.x + width, at.y + height + em(0.12F)},
                                              faded(color, 0.18F), em(0.25F));
  }
  colored_text(color, std::to_string(number));
  ImGui::SameLine(em(2.2F));
  ImGui::PushTextWrapPos(0.0F);
  colored_text(step.state == StepState::ahead ? palette().muted : palette().text, step.text);
  ImGui::PopTextWrapPos();
}

}  // namespace

void ScenarioPanel::draw(const ScenarioView& scenario, Commands& commands) {
  ImGui::PushTextWrapPos(0.0F);
  text(scenario.name);
  ImGui::PopTextWrapPos();
  draw_buttons(scenario, commands);
  if (!scenario.expected.empty()) {
    ImGui::PushTextWrapPos(0.0F);
    colored_text(palette().bad, "expected " + scenario.expected + "\nwas " + scenario.actual);
    ImGui::PopTextWrapPos();
  } else if (scenario.is_over) {
    colored_text(palette().good, "Every step came true.");
  }
  ImGui::BeginChild("steps");
  const auto current =
      std::find_if(scenario.steps.begin(), scenario.steps.end(), [](const ScenarioStepView& step) {
        return step.state == StepState::next || step.state == StepState::failed;
      });
  const auto wanted = static_cast<std::size_t>(current - scenario.steps.begin());
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    draw_step(i, scenario.steps[i]);
    if (i == wanted && wanted != in_sight_) ImGui::SetScrollHereY(0.5F);
  }
  in_sight_ = wanted;
  ImGui::EndChild();
}

}  // namespace landfall::ui
