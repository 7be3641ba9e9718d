#include "simulator/oracles/single_refresh.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

struct Refreshes : oracles::Stage {
  oracles::SingleRefresh oracle;
  Refreshes() { watch(oracle); }

  void pair(const http::Request& request, const std::string& access) {
    answer(request, 200, Json{{"accessToken", access}, {"refreshToken", "r-" + access}});
  }
  http::Request refresh(const std::string& id = "i1") {
    return send(routes().refresh, Json::object(), {{"X-Refresh-Id", id}});
  }
  void call_with(const std::string& access) {
    send(routes().pull, Json::object(), {{"Authorization", "Bearer " + access}});
  }
  std::size_t found() { return violations("INV-A2").size(); }
};

backend::RefreshDecision decision(std::int64_t generation, backend::RefreshOutcome outcome) {
  backend::RefreshDecision made;
  made.family_id = "f";
  made.generation = generation;
  made.outcome = outcome;
  return made;
}

}  // namespace

TEST_CASE("INV-A2 oracle: a second refresh while one is in flight is named") {
  Refreshes stage;
  const auto first = stage.refresh();
  stage.wait(1'000);
  SECTION("beside it") {
    stage.refresh();
    CHECK(stage.found() == 1);
  }
  SECTION("after its answer") {
    stage.answer(first, 500);
    stage.refresh();
    CHECK(stage.found() == 0);
  }
  SECTION("in the next life") {
    stage.world.observe_crash(stage.phone, false);
    stage.refresh();
    CHECK(stage.found() == 0);
  }
  SECTION("when it was given up") {
    stage.world.observe_cancel(stage.phone, first);
    stage.refresh();
    CHECK(stage.found() == 0);
  }
  SECTION("when another call was given up") {
    stage.world.observe_cancel(stage.phone, stage.send(stage.routes().pull));
    stage.refresh();
    CHECK(stage.found() == 1);
  }
  SECTION("of the session that a login began beside it") {
    stage.pair(stage.send(stage.routes().login), "two");
    stage.call_with("two");
    stage.refresh();
    CHECK(stage.found() == 0);
  }
  SECTION("beside a login that began no session") {
    stage.pair(stage.send(stage.routes().login), "two");
    stage.refresh();
    CHECK(stage.found() == 1);
  }
  SECTION("of an engine that began anew, which cancels its calls") {
    stage.world.observe_event(stage.phone, "engine.state", Json{{"state", "opening"}});
    stage.refresh();
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-A2 oracle: a login's pair is in use from its first call on") {
  Refreshes stage;
  stage.pair(stage.send(stage.routes().login), "one");
  stage.call_with("one");
  stage.pair(stage.send(stage.routes().login), "two");
  stage.wait(2'000);
  stage.call_with("one");
  CHECK(stage.found() == 0);
  stage.call_with("two");
  stage.wait(100);
  stage.call_with("one");
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A2 oracle: nothing leaves with a token that was replaced") {
  Refreshes stage;
  stage.pair(stage.send(stage.routes().login), "one");
  stage.call_with("one");
  stage.wait(100);
  stage.pair(stage.refresh(), "two");
  SECTION("in the same instant it may still be on its way") { stage.call_with("one"); }
  SECTION("the new one") {
    stage.wait(100);
    stage.call_with("two");
  }
  CHECK(stage.found() == 0);
  stage.wait(100);
  stage.call_with("one");
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A2 oracle: a pair that was not kept is none to be used") {
  Refreshes stage;
  const auto begin_anew = [&] {
    stage.world.observe_event(stage.phone, "engine.state", Json{{"state", "opening"}});
  };
  stage.pair(stage.send(stage.routes().login), "one");
  stage.call_with("one");
  stage.wait(100);
  stage.pair(stage.refresh(), "two");
  std::size_t found = 0;
  SECTION("the engine began anew in the instant of its arrival, because the disk refused it") {
    begin_anew();
  }
  SECTION("the engine began anew behind it, by when it was kept") {
    stage.wait(100);
    begin_anew();
    found = 1;
  }
  SECTION("C-29: its host was told that there is no room, and those who held it ended") {
    stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
    stage.wait(100);
    const bool is_crash = GENERATE(true, false);
    is_crash ? stage.world.observe_crash(stage.phone, false) : begin_anew();
  }
  SECTION("C-29: those who hold it have not ended") {
    stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
    found = 1;
  }
  stage.wait(100);
  stage.call_with("one");
  CHECK(stage.found() == found);
}

TEST_CASE("I-26 INV-A2 oracle: the refresh of a farewell is none of the next session's") {
  Refreshes stage;
  stage.pair(stage.send(stage.routes().login), "two");
  stage.call_with("two");
  stage.wait(100);
  const auto own = stage.refresh();
  stage.pair(stage.send(stage.routes().refresh), "one");
  stage.wait(100);
  stage.call_with("two");
  stage.pair(own, "three");
  CHECK(stage.found() == 0);
  stage.wait(100);
  stage.call_with("two");
  CHECK(stage.found() == 1);
}

TEST_CASE("INV-A2 oracle: two intents for one token are named, a last chance is not") {
  Refreshes stage;
  backend::Ledger ledger(100);
  SECTION("two at once") {
    ledger.add(decision(3, backend::RefreshOutcome::rotated));
    ledger.add(backend::ConcurrentRefresh{"f", 3, "x", "y", {}});
    stage.oracle.judge_ledger(stage.world, ledger);
    CHECK(stage.found() == 1);
  }
  SECTION("the first of which was not saved, as its host was told") {
    const bool is_told_first = GENERATE(false, true);
    if (!is_told_first) stage.refresh();
    stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
    if (is_told_first) stage.refresh();
    ledger.add(backend::ConcurrentRefresh{"f", 3, "i1", "y", {}});
    stage.oracle.judge_ledger(stage.world, ledger);
    CHECK(stage.found() == 0);
    ledger.add(backend::ConcurrentRefresh{"f", 3, "x", "y", {}});
    stage.oracle.judge_ledger(stage.world, ledger);
    CHECK(stage.found() == 1);
  }
  SECTION("whichever of them the server saw first, the one that was not saved must be older") {
    const bool is_older_unsaved = GENERATE(true, false);
    const auto tell_not_saved = [&] {
      stage.world.observe_event(stage.phone, "session.not_saved", Json::object());
    };
    stage.refresh("i1");
    if (is_older_unsaved) tell_not_saved();
    stage.wait(100);
    stage.world.observe_crash(stage.phone, true);
    stage.refresh("i2");
    if (!is_older_unsaved) tell_not_saved();
    const bool is_late = GENERATE(true, false);
    ledger.add(is_late ? backend::ConcurrentRefresh{"f", 3, "i2", "i1", {}}
                       : backend::ConcurrentRefresh{"f", 3, "i1", "i2", {}});
    stage.oracle.judge_ledger(stage.world, ledger);
    CHECK(stage.found() == (is_older_unsaved ? 0 : 1));
  }
  SECTION("the other generation, once its successor was refused") {
    ledger.add(decision(4, backend::RefreshOutcome::refused));
    ledger.add(backend::ConcurrentRefresh{"f", 3, "x", "y", {}});
    stage.oracle.judge_ledger(stage.world, ledger);
    CHECK(stage.found() == 0);
  }
}
