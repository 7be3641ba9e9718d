#include "simulator/oracles/fifo_lanes.hpp"

#include "tests/simulator/oracles/partition_file.hpp"
#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using oracles::FifoLanes;

namespace {

struct Lane : oracles::Stage {
  FifoLanes oracle{book};
  Lane() { watch(oracle); }

  std::vector<std::string> found() {
    world.end();
    return violations("INV-Q4");
  }
};

backend::Effect effect(const std::string& id, Instant at) {
  backend::Effect effect;
  effect.operation_id = id;
  effect.entity = {"approval", "a1"};
  effect.at = at;
  return effect;
}

}  // namespace

TEST_CASE("INV-Q4 oracle: an operation that overtakes its predecessor is named") {
  Lane lane;
  lane.accept("first", 1);
  lane.accept("second", 2);
  lane.push({"second"});
  const auto found = lane.found();
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("second") != std::string::npos);
  CHECK(found[0].find("first") != std::string::npos);
}

TEST_CASE("what was told counts as told in time when it could only be seen late") {
  oracles::BookedOperation operation;
  operation.told = {{Instant{100}, "queued", ""}, {Instant{200}, "failed", ""}};
  const auto is_out = [&](std::int64_t at_ms, std::int64_t lag_ms) {
    return oracles::OperationBook::is_out_of_the_way(operation, Instant{at_ms}, Duration{lag_ms});
  };
  CHECK_FALSE(is_out(190, 0));
  CHECK_FALSE(is_out(190, 9));
  CHECK(is_out(190, 10));
  CHECK(is_out(200, 0));
}

TEST_CASE("INV-Q4 oracle: order inside a batch counts, order between lanes does not") {
  Lane lane;
  lane.accept("first", 1);
  lane.accept("second", 2);
  lane.accept("other", 3, "approve", "a2");
  SECTION("in order") {
    lane.push({"other", "first", "second"}, {"a2", "a1", "a1"});
    CHECK(lane.found().empty());
  }
  SECTION("turned round") {
    lane.push({"other", "second", "first"}, {"a2", "a1", "a1"});
    CHECK(lane.found().size() == 1);
  }
}

TEST_CASE("INV-Q4 oracle: whoever ended, failed or is blocked may be passed") {
  Lane lane;
  lane.accept("first", 1);
  lane.accept("second", 2);
  lane.wait(100);
  SECTION("a verdict that reached the phone") {
    lane.answer_results(lane.push({"first"}), {{"first", "applied"}});
    lane.push({"second"});
  }
  SECTION("told in the same instant, behind the push") {
    lane.push({"second"});
    lane.tell("first", "failed");
  }
  SECTION("accepted blocked") {
    lane.accept("third", 3, "approve", "a1", "blocked");
    lane.accept("fourth", 4, "comment");
    lane.tell("first", "failed");
    lane.tell("second", "blocked", "dependency");
    lane.push({"fourth"});
  }
  SECTION("retried by its user") {
    lane.tell("first", "failed");
    lane.push({"second"});
    lane.wait(100);
    lane.world.observe_retried(lane.phone, "first");
    lane.tell("first", "queued");
    lane.push({"first"});
  }
  CHECK(lane.found().empty());
}

TEST_CASE("INV-Q4 oracle: what a dying process wrote down and had not told is seen on the disk") {
  Lane lane;
  oracles::PartitionFile file(lane.phone.disk());
  const std::string first = oracles::PartitionFile::id(1);
  const std::string second = oracles::PartitionFile::id(2);
  lane.accept(first, 1);
  lane.accept(second, 2, "comment");
  lane.tell(first, "unknown");
  lane.wait(1'000);
  const bool is_blocked = GENERATE(true, false);
  file.add(1, is_blocked ? 3 : 2);
  lane.oracle.on_revived(lane.world, lane.phone, false);
  lane.wait(1'000);
  SECTION("as the process that is dead left it") {
    lane.push({second});
    CHECK(lane.found().size() == (is_blocked ? 0 : 1));
  }
  SECTION("but something was told since") {
    lane.tell(first, "unknown");
    lane.wait(1'000);
    lane.push({second});
    CHECK(lane.found().size() == 1);
  }
}

TEST_CASE("INV-Q4 oracle: one that goes again is not out of the way any more") {
  Lane lane;
  lane.accept("first", 1);
  lane.accept("second", 2);
  lane.tell("first", "blocked", "auth");
  lane.wait(1'000);
  lane.tell("first", "queued");
  lane.wait(1'000);
  lane.push({"second"});
  CHECK(lane.found().size() == 1);
}

TEST_CASE("INV-Q4 oracle: one that came back to its turn behind a call that was on its way") {
  Lane lane;
  lane.accept("first", 1);
  lane.accept("second", 2);
  lane.tell("first", "blocked", "permission");
  lane.wait(1'000);
  lane.tell("second", "sending");
  const auto call = lane.push({"second"});
  lane.wait(40);
  lane.tell("first", "queued");
  lane.wait(2'000);
  lane.answer(call, 401);
  SECTION("the replay behind a refresh is the same call") {
    lane.push({"second"});
    CHECK(lane.found().empty());
  }
  SECTION("a new send is none") {
    lane.tell("second", "queued");
    lane.wait(5'000);
    lane.tell("second", "sending");
    lane.push({"second"});
    CHECK(lane.found().size() == 1);
  }
}

TEST_CASE("INV-Q4 oracle: one whose place another took in a commit that nobody heard of") {
  Lane lane;
  const bool is_repeated = GENERATE(true, false);
  lane.hand_in("first");
  lane.hand_in("second");
  lane.wait(100);
  lane.push({"second"});
  lane.wait(100);
  SECTION("says so when it is handed in again") {
    if (is_repeated) lane.hand_in("first");
    lane.acknowledge("first", Json{{"seq", 1}, {"state", "superseded"}});
    lane.acknowledge("second", Json{{"seq", 2}, {"state", "sending"}});
    CHECK(lane.found().size() == (is_repeated ? 0 : 1));
  }
  SECTION("is named by the other") {
    lane.acknowledge("first", Json{{"seq", 1}, {"state", "queued"}});
    if (is_repeated) lane.hand_in("second");
    lane.acknowledge("second", Json{{"seq", 2}, {"state", "sending"}, {"supersedes", "first"}});
    CHECK(lane.found().size() == (is_repeated ? 0 : 1));
  }
}

TEST_CASE("INV-Q4 oracle: effects come in the order of acceptance") {
  Lane lane;
  lane.accept("first", 1);
  lane.accept("second", 2);
  backend::Ledger ledger(100);
  const Instant now = lane.world.now();
  SECTION("in order") {
    ledger.add(effect("first", now));
    ledger.add(effect("second", now + Duration{1}));
    lane.oracle.judge_effects(lane.world, ledger);
    CHECK(lane.violations("INV-Q4").empty());
  }
  SECTION("the later one first") {
    ledger.add(effect("second", now));
    ledger.add(effect("first", now + Duration{1}));
    lane.oracle.judge_effects(lane.world, ledger);
    CHECK(lane.violations("INV-Q4").size() == 1);
  }
}
