#include "ui_imgui/model/scenario_play.hpp"

namespace landfall::ui {

void ScenarioPlay::play_step() {
  if (is_over()) return;
  failed_ = scenario::play(stage_, scenario_.steps[next_].action);
  if (!failed_) ++next_;
}

ScenarioView ScenarioPlay::view() const {
  ScenarioView view;
  view.name = scenario_.name;
  for (std::size_t i = 0; i < scenario_.steps.size(); ++i) {
    StepState state = StepState::ahead;
    if (i < next_) state = StepState::passed;
    if (i == next_) state = failed_ ? StepState::failed : StepState::next;
    view.steps.push_back({scenario_.steps[i].text, state});
  }
  if (failed_) {
    view.expected = failed_->expected;
    view.actual = failed_->actual;
  }
  view.is_running = is_running();
  view.is_over = is_over();
  return view;
}

}  // namespace landfall::ui
