#include "engine/sync/drain_watch.hpp"

#include <algorithm>
#include <chrono>

#include <catch2/catch.hpp>

#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::sync;
using namespace landfall::test;
using namespace std::chrono_literals;

namespace {

constexpr Instant kOpened{1'800'000'000'000};

// Two operations that were accepted without a network.
struct Backlog : QueueWorld {
  Backlog() {
    store_document(kApproval, 7);
    store_document(kOtherApproval, 7);
    enqueue(1, kApproval, "comment");
    enqueue(2, kOtherApproval, "comment");
  }

  [[nodiscard]] bool is_told() const { return last.drained.has_value(); }
};

http::Answer both_applied() {
  return results({applied(1, kApproval, 8), applied(2, kOtherApproval, 8)});
}

}  // namespace

TEST_CASE("C-20 P-59 what waited when the way opened is told to be sent, and how long it took") {
  Backlog world;
  world.go_online();
  CHECK_FALSE(world.is_told());
  const auto push = world.sends({1, 2});
  world.pass(4'000);
  const auto drained = world.answer(push, both_applied()).drained;
  REQUIRE(drained);
  CHECK(drained->is_done);
  CHECK(drained->took == world.profile.sync.edge_spread + 4s);
  CHECK(drained->target == 300s);
  world.plan();
  CHECK_FALSE(world.is_told());
}

TEST_CASE("C-20 P-59 a whole ladder of retries is within the target of five minutes") {
  Backlog world;
  world.go_online();
  while (world.state(1) != "failed") {
    const auto pushes = world.plan().pushes;
    for (const auto& push : pushes) world.answer(push, lost(http::TransportFailure::silent));
    if (world.last.wake_at) world.now = std::max(world.now, *world.last.wake_at);
    if (world.is_told()) CHECK(world.last.drained->is_done);
  }
  REQUIRE(world.state(2) == "failed");
  REQUIRE(world.is_told());
  CHECK(world.last.drained->took >= 155s);
  CHECK(world.last.drained->took < 300s);
}

TEST_CASE("C-20 a target that is missed is told once, and the end all the same") {
  Backlog world;
  world.go_online();
  world.answer(world.sends({1, 2}), response(503, "", {{"Retry-After", "400"}}));
  CHECK_FALSE(world.is_told());
  world.pass(400'000);
  const auto push = world.sends({1, 2});
  REQUIRE(world.is_told());
  CHECK_FALSE(world.last.drained->is_done);
  CHECK(world.last.drained->took > 300s);
  world.pass(1'000);
  world.plan();
  CHECK_FALSE(world.is_told());
  world.answer(push, both_applied());
  REQUIRE(world.is_told());
  CHECK(world.last.drained->is_done);
}

TEST_CASE("C-20 what is accepted later is no part of the drain, and what waits for its user ends it") {
  Backlog world;
  world.go_online();
  const auto push = world.sends({1, 2});
  world.store_document(kPo, 1);
  world.enqueue(3, kPo, "update");
  world.answer(push, results({applied(1, kApproval, 8), rejected(2, "TOO_LATE")}));
  REQUIRE(world.is_told());
  CHECK(world.last.drained->is_done);
  CHECK(world.state(3) == "queued");
}

TEST_CASE("C-20 a way that closes ends the drain untold, and the next begins anew") {
  Backlog world;
  world.go_online();
  world.answer(world.sends({1, 2}), lost(http::TransportFailure::not_sent));
  world.go_offline();
  world.pass(3'600'000);
  world.edge();
  CHECK_FALSE(world.is_told());
  world.pass(world.profile.sync.edge_spread.count());
  world.answer(world.sends({1, 2}), both_applied());
  REQUIRE(world.is_told());
  CHECK(world.last.drained->took == world.profile.sync.edge_spread);
}

TEST_CASE("C-20 a way that opens to an empty outbox is nothing to tell") {
  QueueWorld world;
  world.go_online();
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.answer(world.sends({1}), results({applied(1, kApproval, 8)}));
  CHECK_FALSE(world.last.drained);
}

TEST_CASE("C-20 a clock that is set back makes no drain shorter than nothing") {
  DrainWatch watch(300s);
  watch.on_way(true, 5, kOpened);
  CHECK(watch.last_seq() == 5);
  CHECK_FALSE(watch.on_look(true, kOpened));
  const auto drained = watch.on_look(false, kOpened - 1h);
  REQUIRE(drained);
  CHECK(drained->took == 0ms);
  CHECK_FALSE(watch.last_seq());
}
