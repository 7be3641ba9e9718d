#include <catch2/catch.hpp>

#include <vector>

#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using sync::OperationEffect;
using sync::OperationState;

namespace {

EntityKey approval(int number) { return {"approval", "A-" + std::to_string(number)}; }

// One operation a call, each in a lane of its own: 1 is in flight and 2 stands ready behind it.
struct AheadWorld : QueueWorld {
  explicit AheadWorld(int operations = 3, Profile rules = one_a_call()) : QueueWorld(rules) {
    for (int i = 1; i <= operations; ++i) {
      store_document(approval(i), 1);
      enqueue(i, approval(i), "comment");
    }
    go_online();
    first = sends({1});
  }

  static Profile one_a_call() {
    Profile profile = test_profile();
    profile.sync.batch_operations_max = 1;
    return profile;
  }

  [[nodiscard]] http::Answer applies(int number) const {
    return results({applied(number, approval(number), 2)});
  }
  [[nodiscard]] bool stands_ready(int number) {
    const auto row = get(number);
    return row.state == OperationState::sending && row.attempts == 0;
  }
  // It is as it was before it was chosen.
  void check_untouched(int number) {
    const auto row = get(number);
    CHECK(row.state == OperationState::queued);
    CHECK(row.effect == OperationEffect::none);
    CHECK(row.attempts == 0);
    CHECK_FALSE(row.batch.has_value());
    CHECK(row.first_sent_at == Instant{});
    CHECK(row.last_sent_at == Instant{});
  }

  sync::PushCall first;
};

}  // namespace

TEST_CASE("the next call is durable while one is in flight, and leaves before that is settled") {
  AheadWorld world;
  CHECK(world.stands_ready(2));
  CHECK(world.get(2).effect == OperationEffect::possible);
  CHECK(world.last.changes.size() == 1);  // that it is sent is told when it is
  world.check_untouched(3);

  world.pass(700);
  const auto second = world.queue->take_ready(world.first.batch, world.applies(1), world.now);
  REQUIRE(second.has_value());
  CHECK(second->operations == std::vector{op(2)});
  CHECK(items_of(*second).front().at("payload").at("comment") == "comment number 2");
  CHECK_FALSE(world.queue->take_ready(world.first.batch, world.applies(1), world.now).has_value());

  const auto step = world.answer_and_plan(world.first, world.applies(1));
  CHECK(step.is_durable);  // for the one that stands ready now
  CHECK(step.effects.pushes.empty());
  CHECK(world.state(1) == "applied");
  CHECK(world.stands_ready(3));
  const auto left = world.get(2);
  CHECK(left.attempts == 1);
  CHECK(left.last_sent_at == world.now);
  CHECK(left.due_at == world.now + Duration{5'000});
  CHECK(left.wait == sync::Wait::ladder);
  REQUIRE(step.effects.changes.size() == 2);
  CHECK(step.effects.changes[0].id == op(2));
  CHECK(step.effects.changes[0].state == OperationState::sending);
  CHECK(step.effects.changes[0].attempts == 1);
  CHECK(step.effects.changes[1].id == op(1));

  const auto third = world.queue->take_ready(second->batch, world.applies(2), world.now);
  REQUIRE(third.has_value());
  CHECK(world.answer_and_plan(*second, world.applies(2)).is_durable);  // for the third's attempt
  const auto end = world.answer_and_plan(*third, world.applies(3));
  CHECK_FALSE(end.is_durable);
  CHECK(end.effects.pull);
  for (int i = 1; i <= 3; ++i) CHECK(world.state(i) == "applied");
}

TEST_CASE("C-19 what left without a commit of its own fails up the same ladder") {
  AheadWorld world;
  const auto second = world.queue->take_ready(world.first.batch, world.applies(1), world.now);
  REQUIRE(second.has_value());
  (void)world.answer_and_plan(world.first, world.applies(1));
  world.pass(1'000);
  (void)world.answer_and_plan(*second, lost(http::TransportFailure::silent));
  CHECK(world.state(2) == "unknown");
  CHECK(world.get(2).attempts == 1);
  CHECK(world.get(2).due_at == world.now + Duration{5'000});
  world.check_untouched(3);
}

TEST_CASE("INV-Q2 a crash while a call stands ready costs its operations no attempt and no wait") {
  AheadWorld world;
  world.reopen();
  CHECK(world.state(2) == "unknown");  // nobody can know any more that it did not leave
  CHECK(world.get(2).attempts == 0);
  CHECK(world.state(1) == "unknown");
  CHECK(world.get(1).attempts == 1);
  world.go_online();
  world.sends({2});
}

TEST_CASE("a call that stands ready leaves only behind an answer that all was applied") {
  AheadWorld world;
  SECTION("an answer that says nothing of each: it waits with the others") {
    const auto answer =
        GENERATE(lost(http::TransportFailure::silent), lost(http::TransportFailure::not_sent),
                 response(401), response(403), response(429, "", {{"Retry-After", "60"}}),
                 response(503), response(200, "<html>"));
    CHECK_FALSE(world.queue->take_ready(world.first.batch, answer, world.now).has_value());
    (void)world.answer_and_plan(world.first, answer);
    world.check_untouched(2);
  }
  SECTION("another verdict, which others may depend on: it is planned behind it") {
    const auto answer =
        GENERATE_COPY(results({rejected(1, "no")}), results({conflicting(1, approval(1), 9)}),
                      results({retry(1, "busy", 30)}));
    CHECK_FALSE(world.queue->take_ready(world.first.batch, answer, world.now).has_value());
    const auto step = world.answer_and_plan(world.first, answer);
    REQUIRE(step.effects.pushes.size() == 1);
    CHECK(step.effects.pushes.front().operations == std::vector{op(2)});
    CHECK(world.get(2).attempts == 1);
  }
  SECTION("a queue that was told to send nothing more takes it back") {
    (void)world.answer(world.first, world.applies(1));
    world.check_untouched(2);
    world.sends({2});
  }
  SECTION("without a network, and without a session") {
    const bool is_offline = GENERATE(true, false);
    if (is_offline) world.go_offline();
    if (!is_offline) world.auth(false);
    CHECK_FALSE(
        world.queue->take_ready(world.first.batch, world.applies(1), world.now).has_value());
    (void)world.answer_and_plan(world.first, world.applies(1));
    CHECK(world.state(1) == "applied");
    world.check_untouched(2);
  }
  SECTION("an answer to another call") {
    sync::PushCall other = world.first;
    other.batch.bytes[0] ^= 1;
    CHECK_FALSE(world.queue->take_ready(other.batch, world.applies(1), world.now).has_value());
    CHECK(world.stands_ready(2));
  }
}

TEST_CASE("the user's word, the server's wish and a right that is lost reach what stands ready") {
  AheadWorld world;
  SECTION("cancel") {
    REQUIRE(world.cancel(2).has_value());
    CHECK(world.state(2) == "cancelled");
  }
  SECTION("discard, which need not be told that it may have happened") {
    REQUIRE(world.discard(2).has_value());
    CHECK(world.state(2) == "discarded");
  }
  SECTION("asked to wait by an answer to another outbox") {
    REQUIRE(world.write([&](store::Transaction& tx) {
      return world.queue->on_asked_to_wait(tx, world.now + Duration{60'000}, world.now);
    }));
    world.check_untouched(2);
  }
  SECTION("rights that changed") {
    REQUIRE(world.write(
        [&](store::Transaction& tx) { return world.queue->on_permissions(tx, world.now); }));
    world.check_untouched(2);
  }
  CHECK_FALSE(world.queue->take_ready(world.first.batch, world.applies(1), world.now).has_value());
  (void)world.answer_and_plan(world.first, world.applies(1));
  CHECK(world.state(1) == "applied");
}

TEST_CASE("nothing stands ready that would share a later call, or that cannot be taken back") {
  Profile profile = AheadWorld::one_a_call();
  SECTION("a call that is not full: what joins the outbox meanwhile goes with it") {
    profile.sync.batch_operations_max = 2;
    AheadWorld world(1, profile);
    world.store_document(approval(2), 1);
    world.enqueue(2, approval(2), "comment");
    world.sends_nothing();
    world.check_untouched(2);
  }
  SECTION("a server that forgets what it did: one call at a time may be lost") {
    profile.sync.idempotency = profile::Idempotency::none;
    AheadWorld world(2, profile);
    world.check_untouched(2);
  }
  SECTION("INV-Q5 the lane of what is in flight") {
    AheadWorld world(1, profile);
    world.enqueue(2, approval(1), "comment");
    world.sends_nothing();
    world.check_untouched(2);
  }
  SECTION("what was sent before") {
    AheadWorld world(2, profile);
    (void)world.answer_and_plan(world.first, results({retry(1, "busy", 30)}));
    (void)world.answer(world.last.pushes.at(0), lost(http::TransportFailure::silent));
    world.pass(40'000);
    (void)world.sends({1});
    CHECK(world.state(2) == "unknown");
  }
}
