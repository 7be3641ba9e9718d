#include <optional>

#include <catch2/catch.hpp>

#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

std::optional<Instant> next_send_at(QueueWorld& world) {
  const auto at = world.database->read([&](const store::Snapshot& snapshot) {
    return world.queue->next_send_at(snapshot, world.now);
  });
  REQUIRE(at.has_value());
  return *at;
}

}  // namespace

TEST_CASE("an outbox with nothing to send wants no window") {
  QueueWorld world;
  CHECK_FALSE(next_send_at(world).has_value());
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "approve");
  CHECK(next_send_at(world) == world.now);
  REQUIRE(world.cancel(1).has_value());
  CHECK_FALSE(next_send_at(world).has_value());
}

TEST_CASE("what waits for the network or a session could leave at once, were it there (P-25)") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "approve");
  CHECK(next_send_at(world) == world.now);
  world.go_online();
  const auto push = world.sends({1});
  world.answer(push, lost(http::TransportFailure::no_session));
  REQUIRE(world.state(1) == "blocked(auth)");
  CHECK(next_send_at(world).has_value());
}

TEST_CASE("a call in flight counts as lost: it would go again when its ladder says so (P-31)") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "approve");
  world.go_online();
  const auto push = world.sends({1});
  CHECK(next_send_at(world) == world.get(1).due_at);
  CHECK(next_send_at(world) == world.now + Duration{5'000});
  world.answer(push, results({applied(1, kApproval, 8)}));
  CHECK_FALSE(next_send_at(world).has_value());
}

TEST_CASE("a retry and a wait that the server asked for are named, whether it is reached or not") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "approve");
  world.go_online();
  SECTION("a retry") {
    world.answer(world.sends({1}), response(500));
    CHECK(next_send_at(world) == world.now + Duration{5'000});
    world.go_offline();
    CHECK(next_send_at(world) == world.get(1).due_at);
  }
  SECTION("a wait") {
    world.answer(world.sends({1}), response(503, "", {{"Retry-After", "60"}}));
    CHECK(next_send_at(world) == world.now + Duration{60'000});
  }
}

TEST_CASE("what waits for its user wants no window") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "approve");
  world.go_online();
  world.answer(world.sends({1}), results({rejected(1, "NO")}));
  CHECK_FALSE(next_send_at(world).has_value());
}

TEST_CASE("a wait that the server asked of another outbox holds this one too (INV-Q8)") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  const auto ask = [&](Instant until) {
    const auto effects = world.database->write(
        "test.asked_to_wait", store::Durability::ordered, [&](store::Transaction& tx) {
          return world.queue->on_asked_to_wait(tx, until, world.now);
        });
    REQUIRE(effects.has_value());
  };
  const auto quiet_until = [&] {
    return world.database->read(
        [](const store::Snapshot& snapshot) { return sync::SyncQueue::quiet_until(snapshot); });
  };
  ask(world.now + Duration{60'000});
  CHECK(quiet_until() == world.now + Duration{60'000});
  ask(world.now + Duration{30'000});
  CHECK(quiet_until() == world.now + Duration{60'000});
  world.enqueue(1, kApproval, "approve");
  CHECK(next_send_at(world) == world.now + Duration{60'000});
}
