#include "simulator/oracles/removed_by_verdict.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

Json row(const std::string& id, const std::string& state) {
  return Json{{"id", id}, {"state", state}};
}

}  // namespace

TEST_CASE("INV-Q6 oracle: a row that vanished is missed, once") {
  oracles::Stage stage;
  oracles::RemovedByVerdict oracle(stage.book);
  stage.watch(oracle);
  stage.accept("kept", 1);
  stage.accept("gone", 2);
  oracle.judge_outbox(stage.world, stage.phone, {"kept", "gone"}, {row("kept", "queued")});
  oracle.judge_outbox(stage.world, stage.phone, {"kept", "gone"}, {row("kept", "queued")});
  const auto found = stage.violations("INV-Q6");
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("gone") != std::string::npos);
}

TEST_CASE("INV-Q6 oracle: what is settled was settled by an answer that reached the phone") {
  oracles::Stage stage;
  oracles::RemovedByVerdict oracle(stage.book);
  stage.watch(oracle);
  stage.accept("one", 1);
  SECTION("nobody said so") {
    stage.tell("one", "applied");
    CHECK(stage.violations("INV-Q6").size() == 1);
  }
  SECTION("the answer said something else") {
    stage.answer_results(stage.push({"one"}), {{"one", "conflict"}});
    stage.tell("one", "applied");
    CHECK(stage.violations("INV-Q6").size() == 1);
  }
  SECTION("the answer said so") {
    stage.answer_results(stage.push({"one"}), {{"one", "applied"}});
    stage.tell("one", "applied");
    CHECK(stage.violations("INV-Q6").empty());
  }
  SECTION("refused alone and whole") {
    stage.answer(stage.push({"one"}), 422);
    stage.tell("one", "rejected");
    CHECK(stage.violations("INV-Q6").empty());
  }
  SECTION("discarded, and not by its user") {
    stage.tell("one", "discarded");
    CHECK(stage.violations("INV-Q6").size() == 1);
  }
  SECTION("discarded by its user") {
    stage.world.observe_discarded(stage.phone, "one");
    stage.tell("one", "discarded");
    CHECK(stage.violations("INV-Q6").empty());
  }
}

TEST_CASE(
    "INV-Q6 oracle: an outbox is one organisation's; what was left in another is not missed") {
  oracles::Stage stage("ims");
  oracles::RemovedByVerdict oracle(stage.book);
  stage.watch(oracle);
  const auto work_in = [&](const char* organisation) {
    stage.world.observe_event(
        stage.phone, "session.status",
        Json{{"status", "unauthenticated"}, {"organisation", {{"id", organisation}}}});
  };
  work_in("north");
  stage.accept("one", 1);
  work_in("south");
  oracle.judge_outbox(stage.world, stage.phone, {"one"}, {});
  CHECK(stage.violations("INV-Q6").empty());
  work_in("north");
  oracle.judge_outbox(stage.world, stage.phone, {"one"}, {});
  CHECK(stage.violations("INV-Q6").size() == 1);
}
