#include "simulator/oracles/outbox_rest.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using oracles::OutboxRest;

namespace {

constexpr OutboxRest::Standstill kDead{true, true, false, false, false};

}  // namespace

TEST_CASE("INV-Q10 oracle: work that waits for nobody is a standstill") {
  oracles::Stage stage;
  OutboxRest oracle(stage.book);
  stage.watch(oracle);
  stage.accept("one", 1);
  SECTION("seen, once") {
    stage.tell("one", "queued");
    oracle.judge_standstill(stage.world, stage.phone, kDead);
    oracle.judge_standstill(stage.world, stage.phone, kDead);
    CHECK(stage.violations("INV-Q10").size() == 1);
  }
  SECTION("somebody is there: a timer, a call, an actor") {
    stage.tell("one", "unknown");
    oracle.judge_standstill(stage.world, stage.phone, {true, true, false, true, false});
    oracle.judge_standstill(stage.world, stage.phone, {true, true, false, false, true});
    oracle.judge_standstill(stage.world, stage.phone, {true, true, true, false, false});
    CHECK(stage.violations("INV-Q10").empty());
  }
  SECTION("offline or without a session it may wait") {
    stage.tell("one", "queued");
    oracle.judge_standstill(stage.world, stage.phone, {false, true, false, false, false});
    oracle.judge_standstill(stage.world, stage.phone, {true, false, false, false, false});
    CHECK(stage.violations("INV-Q10").empty());
  }
  SECTION("nothing is left to do") {
    stage.tell("one", "applied");
    oracle.judge_standstill(stage.world, stage.phone, kDead);
    CHECK(stage.violations("INV-Q10").empty());
  }
}

TEST_CASE("INV-Q10 oracle: a verdict on what was left in another organisation is told later") {
  oracles::Stage stage("ims");
  OutboxRest oracle(stage.book);
  stage.watch(oracle);
  const auto work_in = [&](const char* organisation) {
    stage.world.observe_event(
        stage.phone, "session.status",
        Json{{"status", "authenticated"}, {"organisation", {{"id", organisation}}}});
  };
  work_in("north");
  stage.accept("one", 1);
  stage.tell("one", "queued");
  const bool is_back = GENERATE(false, true);
  if (!is_back) work_in("south");
  stage.answer_results(stage.push({"one"}), {{"one", "applied"}});
  oracle.judge_standstill(stage.world, stage.phone, kDead);
  CHECK(stage.violations("INV-Q10").size() == (is_back ? 1 : 0));
}
