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
  CHECK(drained->took == 4s);
  CHECK(drained->target == 300s);
  world.plan();
  CHECK_FALSE(world.is_told());
}

TEST_CASE("C-20 P-59 a whole ladder of retries is within the target of five minutes") {
  Backlog world;
  world.go_online();
  while (world.state(1) != "failed" || world.state(2) != "failed") {
    const auto pushes = world.plan().pushes;
    for (const auto& push : pushes) world.answer(push, lost(http::TransportFailure::silent));
    if (world.last.wake_at) world.now = std::max(world.now, *world.last.wake_at);
    if (world.is_told()) CHECK(world.last.drained->is_done);
  }
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

TEST_CASE("C-20 what is accepted later is no part of a drain, what waits for its user ends it") {
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

TEST_CASE("C-20 what waits for the session still waits: a 401 and a renewal end no drain") {
  Backlog world;
  world.go_online();
  const auto push = world.sends({1, 2});
  const bool is_renewed = GENERATE(false, true);
  if (is_renewed) {
    world.queue->on_renewal(true);
    world.auth(false);
  }
  world.answer(push, response(401));
  REQUIRE(world.state(1) == "blocked(auth)");
  CHECK_FALSE(world.is_told());
  world.pass(9'000);
  world.queue->on_renewal(false);
  world.auth(true);
  world.answer(world.sends({1, 2}), both_applied());
  REQUIRE(world.is_told());
  CHECK(world.last.drained->took == 9s);
}

TEST_CASE("C-20 a session that is gone closes the way, and one that comes up opens it") {
  Backlog world;
  const bool was_there = GENERATE(false, true);
  if (was_there) world.go_online();
  world.queue->on_renewal(true);
  world.connectivity(true, !was_there);
  world.auth(false);
  world.queue->on_renewal(false);
  CHECK(world.queue->wants_auth(false) == was_there);
  if (was_there) world.auth(false);
  world.pass(3'600'000);
  world.auth(true);
  CHECK_FALSE(world.is_told());
  world.pass(2'000);
  world.answer(world.sends({1, 2}), both_applied());
  REQUIRE(world.is_told());
  CHECK(world.last.drained->took == 2s);
}

TEST_CASE("C-20 a target is missed also while full pushes follow each other without a pause") {
  Profile profile = test_profile();
  profile.sync.batch_operations_max = 1;
  QueueWorld world(std::move(profile));
  constexpr int kLast = 10;
  const auto entity = [](int number) {
    return EntityKey{"approval", "A-" + std::to_string(number)};
  };
  for (int number = 1; number <= kLast; ++number) {
    world.store_document(entity(number), 7);
    world.enqueue(number, entity(number), "comment");
  }
  world.go_online();
  auto push = world.sends({1});
  int missed = 0;
  for (int number = 1; number <= kLast; ++number) {
    world.pass(40'000);
    const auto answer = results({applied(number, entity(number), 8)});
    const auto next = world.queue->take_ready(push.batch, answer, world.now);
    const auto step = world.answer_and_plan(push, answer);
    if (step.effects.drained) missed += step.effects.drained->is_done ? 100 : 1;
    CHECK(next.has_value() == (number < kLast));
    if (next) push = *next;
  }
  CHECK(missed == 101);
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
