#include <catch2/catch.hpp>

#include <string>

#include "simulator/scenario/read_scenario.hpp"
#include "simulator/scenario/run_scenario.hpp"

using namespace landfall;
using namespace landfall::scenario;

namespace {

// A scenario with these steps behind boot and login.
Scenario scenario_of(const std::string& steps) {
  const auto scenario = read_scenario(
      R"({"name": "of a test", "requirements": ["P-31"], "phones": [{"name": "asha", "user": "asha"}],
          "steps": [{"boot": "asha"}, {"login": "asha"}, {"run": "5s"},)" +
          steps + "]}",
      "test.json");
  INFO((scenario ? "" : scenario.error().message));
  REQUIRE(scenario.has_value());
  return *scenario;
}

ScenarioResult play(const std::string& steps) {
  const auto result = run_scenario_over_sockets(scenario_of(steps));
  INFO((result ? "" : result.error().message));
  REQUIRE(result.has_value());
  return *result;
}

constexpr const char* kApprove =
    R"({"enqueue": "asha", "as": "approve", "entity": "approval#1", "action": "approve"})";
constexpr const char* kServerError =
    R"({"fault": "asha", "route": "push", "kind": "server_error"})";

}  // namespace

TEST_CASE("an operation is handed in, sent and applied over real sockets") {
  const auto result = play(std::string{kApprove} + R"(, {"run": "10s"},
      {"expect": "asha", "operations": {"approve": {"state": "applied", "attempts": 1}},
       "effects": {"approve": 1}, "sightings": {"approve": 1}, "sends": {"approve": ["0s"]},
       "documents": {"approval#1": {"row_version": 2, "pending_sync": false}},
       "at_server": {"approval#1": {"row_version": 2}}})");
  INFO("expected " << result.expected << ", was " << result.actual);
  CHECK(result.passed);
}

TEST_CASE("an expectation that never comes true fails over real sockets too, and names its step") {
  const auto result = play(std::string{kApprove} + R"(, {"run": "10s"},
      {"expect": "asha", "operations": {"approve": {"state": "rejected"}}})");
  CHECK_FALSE(result.passed);
  CHECK(result.step == 5);
  CHECK(result.expected == R"(operations.approve.state is "rejected")");
  CHECK(result.actual == R"("applied")");
}

// Four seconds, because threads wait long on a busy machine.
TEST_CASE("over real sockets a send may be late by a thread's delay, and never early (P-31)") {
  const auto with = [&](const std::string& delay) {
    return play(std::string{kServerError} + "," + kApprove + R"(, {"run": "10s"},
        {"expect": "asha", "late": "4s", "sends": {"approve": ["0s", ")" +
                delay + R"("]}})");
  };
  CHECK(with("5s").passed);
  CHECK_FALSE(with("60s").passed);
}

TEST_CASE("a scripted fault that never struck fails the scenario over real sockets too") {
  const auto result =
      play(R"({"fault": "asha", "route": "refresh", "kind": "lost_answer"}, {"run": "1s"})");
  CHECK_FALSE(result.passed);
  CHECK(result.expected == "every scripted fault of asha strikes");
}

TEST_CASE("the oracles watch over real sockets: what nobody handed in is objected to (INV-Q2)") {
  const auto result = play(
      R"({"request": "asha", "name": "operations.enqueue",
          "params": {"id": "01970000-0000-7000-8000-000000000001", "entity_type": "pr",
                     "entity_id": "01970000-0000-7000-8000-000000000002", "action": "create",
                     "payload": {"title": "Sand"}}}, {"run": "10s"})");
  CHECK_FALSE(result.passed);
  CHECK(result.expected == "INV-Q2 holds");
  CHECK(result.actual == "asha sends 01970000-0000-7000-8000-000000000001, which nobody handed in");
}

TEST_CASE("faults of one path strike in the order of their steps, refused connections among them") {
  const auto result = play(std::string{kServerError} +
                           R"(, {"fault": "asha", "route": "push", "kind": "refused", "times": 2},
         {"fault": "asha", "route": "push", "kind": "duplicate_request"},)" +
                           kApprove + R"(, {"run": "2m"},
      {"expect": "asha", "operations": {"approve": {"state": "applied", "attempts": 2}},
       "effects": {"approve": 1}, "sightings": {"approve": 2}})");
  INFO("expected " << result.expected << ", was " << result.actual);
  CHECK(result.passed);
}

TEST_CASE("what needs the virtual disk or a time of day is skipped with that reason") {
  auto scenario = scenario_of(kApprove);
  CHECK_FALSE(reason_to_skip(scenario).has_value());
  scenario.is_virtual = true;
  CHECK(reason_to_skip(scenario) ==
        "it needs the hour of the day or exact milliseconds, which only virtual time has");
  scenario.steps.push_back({"", Crash{}});
  CHECK(reason_to_skip(scenario) == "it crashes a phone, which needs the virtual disk");
}

TEST_CASE("a crash that is a close is played over real sockets, and the next process goes on") {
  const auto result = play(std::string{kApprove} +
                           R"(, {"network": "asha", "is": "down"},
      {"enqueue": "asha", "as": "create", "entity": "pr:road", "action": "create",
       "payload": {"title": "Gravel"}},
      {"crash": "asha", "how": "kill", "real": "close"},
      {"boot": "asha"}, {"expect": "asha", "session": "authenticated", "effects": {"create": 0}},
      {"network": "asha", "is": "up"}, {"run": "2m"},
      {"expect": "asha", "operations": {"create": {"state": "applied"}},
       "effects": {"approve": 1, "create": 1}})");
  INFO("expected " << result.expected << ", was " << result.actual);
  CHECK(result.passed);
}

TEST_CASE("a crash of a phone that is off is no step over real sockets either") {
  const auto result = play(R"({"crash": "asha", "how": "kill", "real": "close"},
      {"crash": "asha", "how": "kill", "real": "close"})");
  CHECK_FALSE(result.passed);
  CHECK(result.step == 4);
  CHECK(result.expected == "asha is running");
}

TEST_CASE("the hub speaks and is closed over real sockets, and its phone comes again (A-46)") {
  const auto scenario = read_scenario(
      R"({"name": "of a test", "requirements": ["A-46"], "profile": "almafrica", "speed": 5,
          "phones": [{"name": "kofi", "user": "kofi"}],
          "steps": [{"boot": "kofi"}, {"login": "kofi"}, {"run": "5s"},
            {"expect": "kofi", "requests": {"hub_negotiate": 1}},
            {"server": "close_hub", "of": "kofi"}, {"run": "5s"},
            {"expect": "kofi", "requests": {"hub_negotiate": 2}},
            {"server": "revoke_right", "role": "fsa", "right": "EditFarmers"}, {"run": "5s"},
            {"expect": "kofi", "session": "unauthenticated",
             "events": [{"event": "permissions.revoked", "data": {"ends_session": true}}]}]})",
      "test.json");
  REQUIRE(scenario.has_value());
  const auto result = run_scenario_over_sockets(*scenario);
  REQUIRE(result.has_value());
  INFO("expected " << result->expected << ", was " << result->actual);
  CHECK(result->passed);
}

TEST_CASE("a scenario is played as fast as its shortest run and its sends allow") {
  CHECK(speed_of(scenario_of(R"({"run": "2h"})")) == 50);
  CHECK(speed_of(scenario_of(R"({"run": "1s"})")) == 10);
  CHECK(speed_of(scenario_of(R"({"run": "1s", "real": "10s"})")) == 50);
  CHECK(speed_of(scenario_of(std::string{kApprove} + R"(,
      {"expect": "asha", "sends": {"approve": ["0s"]}})")) == 25);
  auto scenario = scenario_of(R"({"run": "1s"})");
  scenario.speed = 3;
  CHECK(speed_of(scenario) == 3);
}
