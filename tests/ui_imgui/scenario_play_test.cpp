#include <catch2/catch.hpp>

#include <string>

#include "simulator/scenario/read_scenario.hpp"
#include "ui_imgui/model/simulation.hpp"

using namespace landfall::ui;

namespace {

// A scenario with these steps behind boot and login.
Simulation play_of(const std::string& steps) {
  auto scenario = landfall::scenario::read_scenario(
      R"({"name": "of a test", "requirements": ["P-31"],
          "phones": [{"name": "asha", "user": "asha"}, {"name": "ravi", "user": "ravi"}],
          "steps": [{"boot": "asha"}, {"login": "asha"}, {"run": "5s"},)" +
          steps + "]}",
      "test.json");
  INFO((scenario ? "" : scenario.error().message));
  REQUIRE(scenario.has_value());
  return Simulation{{1, std::move(*scenario)}};
}

constexpr const char* kApprove =
    R"({"enqueue": "asha", "as": "yes", "entity": "approval#1", "action": "approve"},
       {"run": "10s"},
       {"expect": "asha", "operations": {"yes": {"state": "applied"}}})";

void step(Simulation& simulation, int count) {
  for (int i = 0; i < count; ++i) {
    simulation.execute(PlayStep{});
    simulation.tick(0);
  }
}

}  // namespace

TEST_CASE("a scenario is played step by step, and the phone is seen between the steps") {
  Simulation simulation = play_of(kApprove);
  const Snapshot& now = simulation.snapshot();
  REQUIRE(now.scenario);
  REQUIRE(now.scenario->steps.size() == 6);
  CHECK(now.clock.is_paused);
  CHECK(now.scenario->steps[0].state == StepState::next);
  CHECK(now.scenario->steps[0].text == R"({"boot":"asha"})");
  CHECK_FALSE(now.phone.is_running);

  step(simulation, 1);
  CHECK(now.phone.is_running);
  CHECK(now.scenario->steps[0].state == StepState::passed);
  CHECK(now.scenario->steps[1].state == StepState::next);
  step(simulation, 3);
  REQUIRE(now.lanes.size() == 1);
  CHECK(now.lanes.front().operations.front().state != "applied");
  step(simulation, 1);
  CHECK(now.lanes.front().operations.front().state == "applied");
  CHECK_FALSE(now.scenario->is_over);
  step(simulation, 1);
  CHECK(now.scenario->is_over);
  CHECK(now.scenario->expected.empty());
  step(simulation, 1);
  CHECK(now.scenario->is_over);
}

TEST_CASE("a step that does not come true is marked, and nothing is played behind it") {
  Simulation simulation =
      play_of(R"({"expect": "asha", "session": "unauthenticated"}, {"run": "10s"})");
  const Snapshot& now = simulation.snapshot();
  step(simulation, 5);
  CHECK(now.scenario->steps[3].state == StepState::failed);
  CHECK(now.scenario->steps[4].state == StepState::ahead);
  CHECK(now.scenario->expected == R"(session is "unauthenticated")");
  CHECK(now.scenario->actual == R"("authenticated")");
  CHECK(now.scenario->is_over);
}

TEST_CASE("a scenario plays by itself, a step after another, until it is stopped") {
  Simulation simulation = play_of(kApprove);
  const Snapshot& now = simulation.snapshot();
  simulation.execute(PlayScenario{true});
  simulation.tick(16);
  CHECK(now.scenario->is_running);
  CHECK(now.scenario->steps[1].state == StepState::next);
  simulation.tick(16);
  CHECK(now.scenario->steps[1].state == StepState::next);  // an eye can follow
  simulation.execute(PlayScenario{false});
  for (int i = 0; i < 100; ++i) simulation.tick(100);
  CHECK(now.scenario->steps[1].state == StepState::next);
  simulation.execute(PlayScenario{true});
  for (int i = 0; i < 100 && !now.scenario->is_over; ++i) simulation.tick(100);
  CHECK(now.scenario->is_over);
  CHECK_FALSE(now.scenario->is_running);
}

TEST_CASE("the phones of a scenario are shown one at a time") {
  Simulation simulation = play_of(kApprove);
  const Snapshot& now = simulation.snapshot();
  step(simulation, 5);
  CHECK(now.phones == std::vector<std::string>{"asha", "ravi"});
  CHECK(now.lanes.size() == 1);
  simulation.execute(SelectPhone{"ravi"});
  simulation.tick(0);
  CHECK(now.phone.name == "ravi");
  CHECK(now.lanes.empty());
  CHECK(now.approvals.empty());
  simulation.execute(SelectPhone{"asha"});
  simulation.tick(0);
  CHECK(now.lanes.size() == 1);
}
