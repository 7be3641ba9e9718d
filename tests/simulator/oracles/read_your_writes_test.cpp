#include "simulator/oracles/read_your_writes.hpp"

#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;

namespace {

struct Views : oracles::Stage {
  oracles::ReadYourWrites oracle{book};
  Views() { watch(oracle); }

  void view(std::int64_t row_version, const std::vector<std::string>& ids,
            std::int64_t commit_seq = 100, std::int64_t asked_for = 0) {
    Json operations = Json::array();
    for (const auto& id : ids) operations.push_back({{"id", id}});
    const Json document{{"entity_type", "approval"},
                        {"entity_id", "a1"},
                        {"row_version", row_version},
                        {"pending_sync", !ids.empty()},
                        {"operations", operations}};
    world.observe_view(phone, Json{{"type", "approval"}, {"id", "a1"}, {"commit_seq", asked_for}},
                       Json{{"documents", Json::array({document})}, {"commit_seq", commit_seq}});
  }
  std::size_t found() { return violations("INV-Q14").size(); }
};

}  // namespace

TEST_CASE("INV-Q14 oracle: an acknowledged operation is seen until its result is") {
  Views stage;
  stage.accept("one", 1);
  SECTION("with its badge, then in its result") {
    stage.view(3, {"one"});
    stage.answer_results(stage.push({"one"}), {{"one", "applied"}}, 4);
    stage.view(3, {"one"});
    stage.view(4, {});
    CHECK(stage.found() == 0);
  }
  SECTION("not seen") {
    stage.view(3, {});
    CHECK(stage.found() == 1);
  }
  SECTION("a picture of before its commit need not show it") {
    stage.view(3, {}, 9);
    CHECK(stage.found() == 0);
  }
  SECTION("the old value flickers behind the verdict") {
    stage.answer_results(stage.push({"one"}), {{"one", "applied"}}, 4);
    stage.view(3, {});
    CHECK(stage.found() == 1);
  }
}

TEST_CASE("INV-Q14 oracle: what may have ended while its host heard nothing is not missed") {
  Views stage;
  stage.accept("one", 1);
  const bool is_locked = GENERATE(true, false);
  stage.world.observe_event(stage.phone, "engine.state",
                            Json{{"state", is_locked ? "locked" : "ready"}});
  (void)stage.push({"two"});
  stage.world.observe_event(stage.phone, "engine.state", Json{{"state", "ready"}});
  stage.view(3, {});
  CHECK(stage.found() == (is_locked ? 0 : 1));
  // Whatever its host is told of again is.
  stage.tell("one", "queued");
  stage.view(3, {});
  CHECK(stage.found() == (is_locked ? 1 : 2));
}

TEST_CASE("INV-Q14 oracle: of what its user gave up nothing is seen, unless its result was taken") {
  Views stage;
  stage.accept("one", 1);
  const auto request = stage.push({"one"});
  stage.tell("one", "failed");
  const bool is_taken = GENERATE(false, true);
  stage.answer_results(request, {{"one", "applied"}}, 4);
  if (is_taken) stage.tell("one", "applied");
  stage.world.observe_discarded(stage.phone, "one");
  if (!is_taken) stage.tell("one", "discarded");
  stage.view(3, {});
  CHECK(stage.found() == (is_taken ? 1 : 0));
}

TEST_CASE("INV-Q14 oracle: versions never go back, and a view is as new as it was asked for") {
  Views stage;
  SECTION("back") {
    stage.view(5, {}, 100);
    stage.view(4, {}, 101);
    CHECK(stage.found() == 1);
  }
  SECTION("an older picture that comes late") {
    stage.view(5, {}, 100);
    stage.view(4, {}, 99);
    CHECK(stage.found() == 0);
  }
  SECTION("a power cut may take back what was not synced, a kill may not") {
    const bool power = GENERATE(true, false);
    stage.view(5, {}, 100);
    stage.world.observe_crash(stage.phone, power);
    stage.view(4, {}, 101);
    CHECK(stage.found() == (power ? 0 : 1));
  }
  SECTION("too old") {
    stage.view(5, {}, 100, 101);
    CHECK(stage.found() == 1);
  }
}

TEST_CASE(
    "INV-Q14 oracle: what stood on a conflict may have ended in a step of which nobody heard") {
  Views stage;
  stage.accept("one", 1);
  stage.tell("one", "blocked", "dependency");
  const auto met = [&] {
    stage.world.observe_event(stage.phone, "conflict.changed",
                              Json{{"entity_type", "approval"}, {"entity_id", "a1"}});
  };
  SECTION("a crash came between the decision and its word") {
    met();
    stage.world.observe_crash(stage.phone, false);
    stage.view(3, {});
    CHECK(stage.found() == 0);
    SECTION("until it is told of again") {
      stage.tell("one", "queued");
      stage.view(3, {});
      CHECK(stage.found() == 1);
    }
  }
  SECTION("a store that was opened anew came between them") {
    met();
    stage.world.observe_event(stage.phone, "engine.state", Json{{"state", "opening"}});
    stage.view(3, {});
    CHECK(stage.found() == 0);
  }
  SECTION("without a crash") {
    met();
    stage.view(3, {});
    CHECK(stage.found() == 1);
  }
  SECTION("without a conflict") {
    stage.world.observe_crash(stage.phone, false);
    stage.view(3, {});
    CHECK(stage.found() == 1);
  }
}
