#include <catch2/catch.hpp>

#include "engine/store/batch_table.hpp"
#include "engine/store/counter_table.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;

TEST_CASE(
    "INV-Q3 a process that died in sending finds unknown, with its attempt and its due time") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.go_online();
  const auto push = world.sends({1});
  world.pass(1'000);
  world.reopen();
  CHECK(world.state(1) == "unknown");
  CHECK(world.get(1).attempts == 1);
  CHECK(world.get(1).effect == sync::OperationEffect::possible);
  CHECK_FALSE(world.get(1).batch.has_value());
  const auto calls = world.database->read(
      [](const store::Snapshot& snapshot) { return store::BatchTable::in_flight(snapshot); });
  CHECK(calls->empty());
  world.connectivity(true, false);
  world.auth(true);
  CHECK((world.last.wake_at.value() - world.now).count() == 5'000);
  world.pass(5'000);
  const auto again = world.sends({1});
  CHECK(bytes_of(again, 1) == bytes_of(push, 1));
  world.answer(push,
               results({applied(1, kApproval, 8)}));  // of the dead process: nobody waits for it
  CHECK(world.state(1) == "sending");
}

TEST_CASE(
    "INV-Q8 behind a restart all delays count from the latest instant at which the call can have "
    "left its token's wait") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.go_online();
  world.sends({1});
  const Instant marked_at = world.now;
  const Duration longest = 3 * world.profile.sync.call_timeout;
  SECTION("the restart, where it comes soon") {
    world.pass(12'000);
    world.reopen();
    CHECK(world.get(1).last_sent_at == world.now);
    CHECK(world.get(1).due_at == world.now + Duration{5'000});
    world.go_online();
    world.pass(4'999 - world.profile.sync.edge_spread.count());
    world.sends_nothing();
    world.pass(1);
    world.sends({1});
  }
  SECTION("the end of its calls, where it comes late: nobody waits for nothing") {
    world.pass(3'600'000);
    world.reopen();
    CHECK(world.get(1).last_sent_at == marked_at + longest);
    world.go_online();
    world.sends({1});
  }
}

TEST_CASE("a clock that was set back makes nobody wait for longer than the rules say") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.go_online();
  const auto push = world.sends({1});
  const bool by_server = GENERATE(true, false);
  world.answer(push, by_server ? response(429, "", {{"Retry-After", "600"}})
                               : lost(http::TransportFailure::silent));
  world.now = world.now - Duration{1'000'000'000};
  world.reopen();
  world.connectivity(true, false);
  world.auth(true);
  REQUIRE(world.last.wake_at.has_value());
  CHECK((*world.last.wake_at - world.now).count() == (by_server ? 3'600'000 : 5'000));
  CHECK(world.get(1).last_sent_at <= world.now);
}

TEST_CASE("blocked(upgrade) is tried again by the next start, which may be the updated app") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kApproval, "comment");
  world.go_online();
  world.answer(world.sends({1, 2}), response(426));
  CHECK(world.state(1) == "blocked(upgrade)");
  CHECK(world.state(2) == "blocked(dependency)");
  world.pass(3'600'000);
  world.edge();
  world.pass(2'000);
  world.sends_nothing();
  world.reopen();
  CHECK(world.state(1) == "queued");
  CHECK(world.state(2) == "queued");
  world.go_online();
  world.sends({1, 2});
}

TEST_CASE("P-101 blocked(upgrade) returns to its turn when the server takes the app again") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kApproval, "comment");
  world.go_online();
  world.answer(world.sends({1, 2}), response(426));
  CHECK(world.state(1) == "blocked(upgrade)");
  world.pass(60'000);
  world.sends_nothing();
  const auto over = world.write(
      [&](store::Transaction& tx) { return world.queue->on_update_over(tx, world.now); });
  REQUIRE(over);
  CHECK(over->changes.size() == 2);
  CHECK(world.state(1) == "queued");
  CHECK(world.state(2) == "queued");
  CHECK(world.get(1).attempts == 0);
  world.sends({1, 2});
}

TEST_CASE(
    "unseen notices and entities not yet documents come back at each open until they are done "
    "with") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.go_online();
  world.answer(world.sends({1}), results({conflicting(1, kApproval, 9)}));
  world.reopen();
  REQUIRE(world.last.notices.size() == 1);
  REQUIRE(world.last.entities.size() == 1);
  CHECK(Json::parse(world.last.entities[0].document).at("row_version") == 9);
  const auto done = world.write([&](store::Transaction& tx) -> Status {
    LANDFALL_TRY(world.queue->on_adopted(tx, {op(1)}));
    return world.queue->on_notices_seen(tx, world.last.notices[0].seq);
  });
  REQUIRE(done.has_value());
  world.reopen();
  CHECK(world.last.notices.empty());
  CHECK(world.last.entities.empty());
}
