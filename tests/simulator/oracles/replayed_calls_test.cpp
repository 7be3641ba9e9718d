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

TEST_CASE("INV-A2 oracle: a call whose coding was refused goes again as it was") {
  Replays stage;
  auto coded = stage.call(1, "coded");
  coded.gzip_body = true;
  stage.answer_pair(stage.refuse_two(), 2);
  stage.call(2, "first");
  stage.call(2, "second");
  stage.wait(1'000);
  SECTION("behind a 415") {
    stage.answer(coded, 415, "{}");
    stage.world.observe_request(stage.phone, coded);
    CHECK(stage.found() == 0);
  }
  SECTION("behind none") {
    stage.world.observe_request(stage.phone, coded);
    CHECK(stage.found() == 1);
  }
}

TEST_CASE("INV-A2 oracle: a 401 whose words were lost on the way sends a call again as any other") {
  Replays stage;
  stage.answer(stage.call(1, "first"), 401, "<html>");
  stage.answer_pair(stage.refresh(1), 2);
  SECTION("refused once more it waits for nobody") {
    stage.refuse(stage.call(2, "first"));
    stage.answer_pair(stage.refresh(2), 3);
    CHECK(stage.found() == 0);
  }
  SECTION("one that never leaves again is named") { CHECK(stage.found() == 1); }
}

TEST_CASE("INV-A2 oracle: who is refused while nothing refreshes waits for no login") {
  Replays stage;
  const auto late = stage.call(1, "late");
  stage.world.observe_event(stage.phone, "session.status", {{"status", "reauthRequired"}});
  stage.refuse(late);
  stage.answer(stage.send(stage.routes().login), 200, Replays::body(2));
  stage.call(2, "other");
  CHECK(stage.found() == 0);
}

TEST_CASE(
    "INV-A2 oracle: who goes again with a login's pair, as its first call, has had its time") {
  Replays stage;
  const auto late = stage.call(1, "late");
  const bool is_given_up = GENERATE(false, true);
  if (is_given_up) stage.answer(stage.refresh(1), http::TransportFailure::silent);
  stage.answer(stage.send(stage.routes().login), 200, Replays::body(2));
  stage.wait(100);
  stage.refuse(late);
  SECTION("in the instant in which it was refused") {
    const auto replay = stage.call(2, "late");
    stage.wait(100);
    stage.refuse(stage.call(2, "other"));
    const auto refreshing = stage.refresh(2);
    stage.refuse(replay);
    stage.answer_pair(refreshing, 3);
    stage.call(3, "other");
    CHECK(stage.found() == 0);
  }
  SECTION("later it is a new call, and has its own") {
    stage.wait(100);
    const auto again = stage.call(2, "late");
    const auto refreshing = stage.refresh(2);
    stage.refuse(again);
    stage.answer_pair(refreshing, 3);
    CHECK(stage.found() == 1);
  }
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

TEST_CASE("INV-A2 oracle: a login's pair takes the place of the one before with its first call") {
  Replays stage;
  stage.answer(stage.send(stage.routes().login), 200, Replays::body(2));
  SECTION("it was not kept, and the old session goes on") {
    stage.refuse(stage.call(1, "first"));
    stage.answer_pair(stage.refresh(1), 3);
    SECTION("as it should") {
      stage.call(3, "first");
      CHECK(stage.found() == 0);
    }
    SECTION("and forgets the call") { CHECK(stage.found() == 1); }
  }
  SECTION("it was, and who waited for the refresh of the old session gets its token") {
    const auto refreshing = stage.refuse_two();
    stage.call(2, "first");
    SECTION("all of them") {
      const auto replay = stage.call(2, "second");
      stage.answer_pair(refreshing, 3);  // nobody's
      stage.refuse(replay);
      stage.answer_pair(stage.refresh(2), 4);
      CHECK(stage.found() == 0);
    }
    SECTION("but one") { CHECK(stage.found() == 1); }
  }
}

TEST_CASE("INV-A2 oracle: the lock of the app and a login under way let nobody's call go") {
  Replays stage;
  const auto refreshing = stage.refuse_two();
  const Json status = GENERATE(Json{{"status", "locked"}, {"code", "session.locked"}},
                               Json{{"status", "loading"}, {"busy", "login"}});
  stage.world.observe_event(stage.phone, "session.status", status);
  stage.answer_pair(refreshing, 2);
  const auto replay = stage.call(2, "first");
  SECTION("which leaves again, once") {
    stage.call(2, "second");
    stage.refuse(replay);
    stage.answer_pair(stage.refresh(2), 3);
    CHECK(stage.found() == 0);
  }
  SECTION("which does not") { CHECK(stage.found() == 1); }
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
