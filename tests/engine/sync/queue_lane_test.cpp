#include <catch2/catch.hpp>

#include "engine/store/counter_table.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;

namespace {

// Three operations of one lane, each on top of the one before, and one of another lane.
struct ThreeInALane : QueueWorld {
  explicit ThreeInALane(Profile rules = test_profile()) : QueueWorld(std::move(rules)) {
    store_document(kApproval, 7);
    store_document(kOtherApproval, 3);
    enqueue(1, kApproval, "comment");
    enqueue(2, kApproval, "comment");
    enqueue(3, kApproval, "comment");
    enqueue(4, kOtherApproval, "comment");
    go_online();
  }
};

// 1 has failed, and the server may have heard it; 2, which stands on no version, has passed it.
void fail_and_be_passed(QueueWorld& world) {
  world.store_document(kPo, 4);
  world.enqueue(1, kPo, "update");
  world.go_online();
  for (const int delay : {5'000, 30'000, 120'000, 0}) {
    world.answer(world.sends({1}), lost(http::TransportFailure::silent));
    world.pass(delay);
  }
  REQUIRE(world.state(1) == "failed");
  world.enqueue(2, kPo, "count");
  world.answer(world.sends({2}), results({applied(2, kPo, 6)}));
}

}  // namespace

TEST_CASE("INV-Q4 INV-Q5 lanes go in order in one batch, and nothing else is in flight beside it") {
  ThreeInALane world;
  const auto push = world.sends({1, 2, 3, 4});
  world.enqueue(5, kOtherApproval, "comment");
  world.sends_nothing();
  CHECK(world.queue->in_flight());
  CHECK_FALSE(world.plan().wake_at.has_value());
  world.answer(push, results({applied(1, kApproval, 8), applied(2, kApproval, 9),
                              applied(3, kApproval, 10), applied(4, kOtherApproval, 4)}));
  CHECK_FALSE(world.queue->in_flight());
  world.sends({5});
}

TEST_CASE(
    "INV-Q4 an operation that waits holds what comes later in its lane, not the other lanes") {
  ThreeInALane world;
  world.answer(world.sends({1, 2, 3, 4}),
               results({retry(1, "busy"), retry(2, "after_failed"), retry(3, "after_failed"),
                        applied(4, kOtherApproval, 4)}));
  world.enqueue(5, kOtherApproval, "comment");
  world.enqueue(6, kApproval, "comment");
  const auto push = world.sends({5});
  world.answer(push, results({applied(5, kOtherApproval, 5)}));
  world.sends_nothing();
  world.pass(5'000);
  world.sends({1, 2, 3, 6});
}

TEST_CASE("an answer to another batch changes nothing") {
  ThreeInALane world;
  auto push = world.sends({1, 2, 3, 4});
  auto other = push;
  other.batch.bytes[3] ^= 1U;
  world.answer(other, results({applied(1, kApproval, 8)}));
  CHECK(world.state(1) == "sending");
  world.answer(push, results({applied(1, kApproval, 8)}));
  CHECK(world.state(1) == "applied");
  world.answer(push, results({applied(2, kApproval, 9)}));
  CHECK(world.state(2) == "unknown");
}

TEST_CASE(
    "INV-Q16 what never left when its predecessor was applied goes with the version that one "
    "produced") {
  Profile profile = test_profile();
  profile.sync.batch_operations_max = 1;
  ThreeInALane world(std::move(profile));
  world.answer(world.sends({1}), results({applied(1, kApproval, 8)}));
  CHECK_FALSE(world.get(2).after.has_value());
  CHECK(world.get(2).base_version == 8);
  CHECK(world.get(3).after == op(2));
  const auto items = items_of(world.sends({2}));
  CHECK(items[0].at("base_version") == 8);
  CHECK_FALSE(items[0].contains("after"));
}

TEST_CASE(
    "INV-Q2 an operation that was sent never changes a byte, whatever becomes of its predecessor") {
  ThreeInALane world;
  const auto first = world.sends({1, 2, 3, 4});
  // A server that was too busy certainly decided nothing; the bytes are out all the same.
  world.answer(first, results({applied(1, kApproval, 8), retry(2, "busy", 60),
                               retry(3, "after_failed"), retry(4, "busy", 60)}));
  world.pass(60'000);
  const auto second = world.sends({2, 3, 4});
  for (const int number : {2, 3, 4}) CHECK(bytes_of(second, number) == bytes_of(first, number));
  world.answer(second, lost(http::TransportFailure::cut));
  world.reopen();
  world.go_online();
  world.pass(30'000);
  const auto third = world.sends({2, 3, 4});
  for (const int number : {2, 3, 4}) CHECK(bytes_of(third, number) == bytes_of(first, number));
}

TEST_CASE("what was not sent after all may still change: nothing left the device") {
  ThreeInALane world;
  world.answer(world.sends({1, 2, 3, 4}), lost(http::TransportFailure::not_sent));
  CHECK(world.get(2).first_sent_at == Instant{});
  CHECK(world.get(2).last_sent_at == Instant{});
}

TEST_CASE(
    "a dependent of an operation that ended otherwise than applied is blocked, and what stands on "
    "it") {
  ThreeInALane world;
  const auto push = world.sends({1, 2, 3, 4});
  const Json first = GENERATE(rejected(1, "NO"), conflicting(1, kApproval, 9));
  world.answer(push, results({first, retry(2, "after_failed"), retry(3, "after_failed"),
                              applied(4, kOtherApproval, 4)}));
  CHECK(world.state(2) == "blocked(dependency)");
  CHECK(world.state(3) == "blocked(dependency)");
  CHECK(world.state(4) == "applied");
  // What stands on something that was refused certainly did not happen.
  CHECK(world.get(2).effect == sync::OperationEffect::none);
  CHECK(world.counter(store::kOutboxOperations) == 2);
  world.enqueue(5, kApproval, "comment");
  CHECK(world.state(5) == "blocked(dependency)");
  world.pass(86'400'000);
  world.sends_nothing();
  CHECK_FALSE(world.last.wake_at.has_value());
  REQUIRE(world.discard(5).has_value());
  REQUIRE(world.discard(3).has_value());
  REQUIRE(world.discard(2).has_value());
  CHECK(world.counter(store::kOutboxOperations) == 0);
}

TEST_CASE("a cancelled or discarded operation blocks what stands on it") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kApproval, "comment");
  if (GENERATE(true, false)) {
    REQUIRE(world.cancel(1).has_value());
    CHECK(world.state(1) == "cancelled");
  } else {
    REQUIRE(world.discard(1).has_value());
    CHECK(world.state(1) == "discarded");
  }
  CHECK(world.state(2) == "blocked(dependency)");
}

TEST_CASE("a dead head blocks only what stands on it; a commutative action of the lane goes on") {
  Profile profile = test_profile();
  profile.sync.on_head_dead =
      GENERATE(profile::OnHeadDead::block_dependents, profile::OnHeadDead::skip);
  QueueWorld world(std::move(profile));
  world.store_document(kPo, 4);
  world.enqueue(1, kPo, "update");
  world.enqueue(2, kPo, "count");
  world.enqueue(3, kPo, "update");  // on top of 2
  world.go_online();
  world.answer(world.sends({1, 2, 3}),
               results({rejected(1, "NO"), retry(2, "busy"), retry(3, "after_failed")}));
  CHECK(world.state(2) == "queued");
  CHECK(world.state(3) == "queued");
  world.pass(5'000);
  world.sends({2, 3});
}

TEST_CASE("under on_head_dead = block the lane waits behind a failed head, dependent or not") {
  Profile profile = test_profile();
  profile.sync.on_head_dead = profile::OnHeadDead::block;
  profile.sync.retry.delays.clear();
  QueueWorld world(std::move(profile));
  world.store_document(kPo, 4);
  world.enqueue(1, kPo, "update");
  world.go_online();
  world.answer(world.sends({1}), response(500));
  CHECK(world.state(1) == "failed");
  world.enqueue(2, kPo, "count");
  world.sends_nothing();
  REQUIRE(world.discard(1, true).has_value());
  world.sends({2});
}

TEST_CASE(
    "INV-Q16 a dependent released late goes with what a commutative operation has produced since") {
  Profile profile = test_profile();
  profile.sync.batch_operations_max = 1;
  QueueWorld world(std::move(profile));
  fail_and_be_passed(world);
  world.enqueue(3, kPo, "update");
  CHECK(world.state(3) == "blocked(dependency)");
  world.plan();
  REQUIRE(world.last.receipts.has_value());
  world.receipts_answer(*world.last.receipts, receipts({applied(1, kPo, 5)}));
  CHECK(world.state(1) == "applied");
  CHECK(world.get(3).base_version == 6);
  world.sends({3});
}

TEST_CASE(
    "INV-Q16 what stands on an operation that a commutative one has passed waits for its verdict") {
  QueueWorld world;
  fail_and_be_passed(world);
  world.enqueue(3, kPo, "update");
  world.enqueue(4, kPo, "count");
  REQUIRE(world.get(3).after == op(1));
  REQUIRE(world.retry(1).has_value());
  CHECK(world.state(3) == "queued");
  world.pass(5'000);
  // The server had applied it before the count, so that `after` would name version 5 for ever.
  world.answer(world.sends({1}), results({applied(1, kPo, 5)}));
  const auto items = items_of(world.sends({3, 4}));
  CHECK(items[0].at("base_version") == 6);
  CHECK_FALSE(items[0].contains("after"));
}

TEST_CASE(
    "wire.md: behind an endpoint that does not say what it made, If-Match names the next version") {
  Profile profile = test_profile();
  deliver(profile, "po", "update", profile::Delivery::endpoint);
  profile.endpoints.at("po.update").reply.clear();
  QueueWorld world(std::move(profile));
  world.store_document(kPo, 4);
  world.go_online();
  world.enqueue(1, kPo, "update");
  const auto push = world.sends({1});
  CHECK(items_of(push)[0].at("base_version") == 4);
  SECTION("for what waited behind it") {
    world.enqueue(2, kPo, "update");
    REQUIRE(world.get(2).after == op(1));
    world.answer(push, response(204));
  }
  SECTION("and for what waited behind that") {
    world.enqueue(2, kPo, "update");
    world.enqueue(3, kPo, "update");
    world.answer(push, response(204));
    const auto second = world.sends({2});
    CHECK(items_of(second)[0].at("base_version") == 5);
    world.answer(second, response(204));
    CHECK(items_of(world.sends({3}))[0].at("base_version") == 6);
    return;
  }
  SECTION("for what is accepted later, whether or not the entity is here as it was") {
    world.answer(push, response(204));
    if (GENERATE(false, true)) {
      REQUIRE(world.write([](store::Transaction& tx) { return tx.run("DELETE FROM documents"); }));
    }
    world.enqueue(2, kPo, "update");
  }
  CHECK(world.get(2).base_version == 5);
  CHECK(items_of(world.sends({2}))[0].at("base_version") == 5);
}

TEST_CASE("wire.md: a commutative call whose answer says no version counts as a change as well") {
  Profile profile = test_profile();
  for (const char* action : {"update", "count"}) {
    deliver(profile, "po", action, profile::Delivery::endpoint);
    profile.endpoints.at(std::string("po.") + action).reply.clear();
  }
  QueueWorld world(std::move(profile));
  world.store_document(kPo, 4);
  world.go_online();
  const bool is_known = GENERATE(false, true);
  if (is_known) {
    world.enqueue(1, kPo, "update");
    world.answer(world.sends({1}), response(204));
  }
  world.enqueue(2, kPo, "count");
  world.enqueue(3, kPo, "update");
  world.answer(world.sends({2}), response(204));
  // Of a count alone nobody knows what it was made on: what is here may or may not have it.
  CHECK(items_of(world.sends({3}))[0].at("base_version") == (is_known ? 6 : 4));
}

TEST_CASE("batches are bounded by count and by bytes, and one larger operation still goes alone") {
  Profile profile = test_profile();
  profile.sync.batch_operations_max = 2;
  profile.sync.batch_bytes_max = 1'000;
  QueueWorld world(std::move(profile));
  for (int number = 1; number <= 5; ++number) {
    const EntityKey entity{"approval", "A-" + std::to_string(number)};
    world.store_document(entity, 1);
    auto request = world.request(number, entity, "comment");
    if (number == 3) request.payload = "{\"comment\":\"" + std::string(1'500, 'x') + "\"}";
    REQUIRE(world.try_enqueue(request).has_value());
  }
  world.go_online();
  auto push = world.sends({1, 2});
  CHECK(push.call.body.size() <= 1'000);
  world.answer(push,
               results({applied(1, {"approval", "A-1"}, 2), applied(2, {"approval", "A-2"}, 2)}));
  push = world.sends({3});
  world.answer(push, results({applied(3, {"approval", "A-3"}, 2)}));
  world.sends({4, 5});
}
