#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "simulator/scenario/scenario.hpp"
#include "simulator/scenario/stage.hpp"
#include "ui_imgui/snapshot.hpp"

namespace landfall::ui {

// A scenario that is played one step at a time. It ends behind its last step, or at the first that
// does not come true.
class ScenarioPlay final {
 public:
  // Both outlive it.
  ScenarioPlay(scenario::Stage& stage, const scenario::Scenario& scenario)
      : stage_(stage), scenario_(scenario) {}

  // Does nothing when it is over.
  void play_step();
  [[nodiscard]] bool is_over() const { return failed_ || next_ == scenario_.steps.size(); }

  void set_running(bool running) { running_ = running; }
  [[nodiscard]] bool is_running() const { return running_ && !is_over(); }

  [[nodiscard]] ScenarioView view() const;

 private:
  scenario::Stage& stage_;
  const scenario::Scenario& scenario_;
  std::size_t next_ = 0;
  bool running_ = false;
  std::optional<scenario::Mismatch> failed_;  // of the step `next_`
};

}  // namespace landfall::ui
