#include "simulator/scenario/run_scenario.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "simulator/scenario/read_scenario.hpp"
#include "tests/source_tree.hpp"

using namespace landfall;
using namespace landfall::scenario;

namespace {

std::vector<std::string> scenario_files() {
  std::vector<std::string> files;
  const auto folder = std::filesystem::path(testing::source_tree()) / "tests" / "scenarios";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A scenario with these steps behind boot and login.
Scenario scenario_of(const std::string& steps, const std::string& more = "") {
  const auto scenario =
      read_scenario(R"({"name": "of a test", "requirements": ["P-31"], "virtual": true,)" + more +
                        R"("phones": [{"name": "asha", "user": "asha"}],
             "steps": [{"boot": "asha"}, {"login": "asha"}, {"run": "5s"},)" +
                        steps + "]}",
                    "test.json");
  INFO((scenario ? "" : scenario.error().message));
  REQUIRE(scenario.has_value());
  return *scenario;
}

constexpr const char* kApprove =
    R"({"enqueue": "asha", "as": "approve", "entity": "approval#1", "action": "approve"})";

}  // namespace

TEST_CASE("every scenario of tests/scenarios holds, and no oracle objects") {
  const auto files = scenario_files();
  REQUIRE(files.size() >= 10);
  const std::string file = GENERATE_COPY(from_range(files));
  DYNAMIC_SECTION(std::filesystem::path(file).stem().string()) {
    const auto scenario = load_scenario(file);
    INFO((scenario ? "" : scenario.error().message));
    REQUIRE(scenario.has_value());
    const auto result = run_scenario(*scenario);
    INFO("step " << result.step << ": " << result.step_text);
    INFO("expected " << result.expected);
    INFO("was      " << result.actual);
    CHECK(result.passed);
  }
}

TEST_CASE("a scenario lives the same life twice") {
  const auto scenario = load_scenario(scenario_files().front());
  REQUIRE(scenario.has_value());
  const auto first = run_scenario(*scenario);
  CHECK(first.trace_hash == run_scenario(*scenario).trace_hash);
}

TEST_CASE("an expectation that does not come true names its step, what was expected and what was") {
  const auto result = run_scenario(scenario_of(std::string{kApprove} + R"(, {"run": "10s"},
         {"expect": "asha", "operations": {"approve": {"state": "rejected"}}})"));
  CHECK_FALSE(result.passed);
  CHECK(result.step == 5);
  CHECK(result.step_text == R"({"expect":"asha","operations":{"approve":{"state":"rejected"}}})");
  CHECK(result.expected == R"(operations.approve.state is "rejected")");
  CHECK(result.actual == R"("applied")");
}

TEST_CASE("a send that comes too early or too late is no match (P-31)") {
  const std::string steps = R"({"fault": "asha", "route": "push", "kind": "server_error"},)" +
                            std::string{kApprove} + R"(, {"run": "30s"},)";
  const auto with = [&](const std::string& delay) {
    return run_scenario(scenario_of(steps + R"({"expect": "asha", "sends": {"approve": ["0s", ")" +
                                    delay + R"("]}})"));
  };
  CHECK(with("5s").passed);
  CHECK_FALSE(with("7s").passed);
  CHECK_FALSE(with("3s").passed);
}

TEST_CASE("a fault or a crash that was asked for and never struck fails the scenario") {
  const auto fault =
      run_scenario(scenario_of(R"({"fault": "asha", "route": "refresh", "kind": "lost_answer"})"));
  CHECK_FALSE(fault.passed);
  CHECK(fault.expected == "every scripted fault of asha strikes");
  const auto crash =
      run_scenario(scenario_of(R"({"crash": "asha", "how": "kill", "at": "io", "io": 100000})"));
  CHECK_FALSE(crash.passed);
  CHECK(crash.expected == "the crash happens");
  const auto in_no_transaction = run_scenario(
      scenario_of(R"({"crash": "asha", "how": "kill", "in": "nobody.writes_this", "io": 0})"));
  CHECK_FALSE(in_no_transaction.passed);
  CHECK(in_no_transaction.expected == "the crash happens");
}

TEST_CASE("an operation that is handed in is acknowledged or refused as expected") {
  const auto unexpected = run_scenario(
      scenario_of(R"({"enqueue": "asha", "as": "x", "entity": "approval#1", "action": "reject"})"));
  CHECK_FALSE(unexpected.passed);
  CHECK(unexpected.actual == R"(refused with "operation.invalid")");
  const auto expected = run_scenario(scenario_of(
      R"({"enqueue": "asha", "as": "x", "entity": "approval#1", "action": "reject",
          "refused": "operation.invalid"})"));
  CHECK(expected.passed);
}
