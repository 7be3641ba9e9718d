#include "simulator/oracles/replayed_calls.hpp"

#include "tests/simulator/oracles/token_stage.hpp"

using namespace landfall;

namespace {

struct Replays : oracles::TokenStage {
  oracles::ReplayedCalls oracle;
  Replays() {
    watch(oracle);
    log_in(1);
    wait(1'000);
  }
  // Two calls meet 401 and wait for the refresh that leaves.
  http::Request refuse_two() {
    refuse(call(1, "first"));
    auto refreshing = refresh(1);
    refuse(call(1, "second"));
    return refreshing;
  }
  // The oracle looks when something happens.
  std::size_t found() {
    wait(5'000);
    world.observe_request(phone, {"GET", "/elsewhere", {}, ""});
    return violations("INV-A2").size();
  }
};

}  // namespace

TEST_CASE("INV-A2 oracle: every call that met a 401 leaves again with the new token") {
  Replays stage;
  stage.answer_pair(stage.refuse_two(), 2);
  stage.call(2, "second");
  stage.call(2, "first");
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A2 oracle: a call that never leaves again is named") {
  Replays stage;
  stage.answer_pair(stage.refuse_two(), 2);
  stage.call(2, "second");
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A2 oracle: a straggler of the old token goes again at once, with the new one") {
  Replays stage;
  const auto late = stage.call(1, "late");
  stage.answer_pair(stage.refuse_two(), 2);
  stage.call(2, "first");
  stage.call(2, "second");
  stage.wait(3'000);
  stage.refuse(late);
  SECTION("it does") {
    stage.call(2, "late");
    CHECK(stage.found() == 0);
  }
  SECTION("it does not") { CHECK(stage.found() == 1); }
}

TEST_CASE("INV-A2 oracle: who has gone again is refused once more and waits for nobody") {
  Replays stage;
  stage.answer_pair(stage.refuse_two(), 2);
  stage.call(2, "first");
  const auto replay = stage.call(2, "second");
  stage.refuse(replay);
  stage.answer_pair(stage.refresh(2), 3);
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-A2 oracle: a refused token leaves no more, from the next instant on") {
  Replays stage;
  stage.refuse(stage.call(1));
  stage.call(1);
  CHECK(stage.violations("INV-A2").empty());
  stage.wait(1);
  stage.call(1);
  CHECK(stage.violations("INV-A2").size() == 1);
}

TEST_CASE(
    "INV-A2 oracle: nobody waits behind a failed refresh, an end, a restart or a suspension") {
  Replays stage;
  const auto refreshing = stage.refuse_two();
  SECTION("no pair came") {
    stage.answer(refreshing, http::TransportFailure::silent);
    stage.wait(5'000);
    stage.answer_pair(stage.refresh(1), 2);
  }
  SECTION("a new pair was refused unused, and the next refresh has its time") {
    stage.answer_pair(refreshing, 2);
    stage.call(2, "first");
    stage.call(2, "second");
    stage.refuse(stage.call(2, "third"));
    stage.wait(5'000);
    stage.answer_pair(stage.refresh(2), 3);
  }
  SECTION("the session ended") {
    stage.answer_pair(refreshing, 2);
    stage.tell_status("unauthenticated");
  }
  SECTION("the engine began again") {
    stage.answer_pair(refreshing, 2);
    stage.world.observe_event(stage.phone, "engine.state", Json{{"state", "opening"}});
  }
  SECTION("it was suspended") {
    stage.answer_pair(refreshing, 2);
    stage.world.observe_suspend(stage.phone);
  }
  SECTION("it was killed") {
    stage.answer_pair(refreshing, 2);
    stage.crash();
  }
  CHECK(stage.found() == 0);
}
