#include <catch2/catch.hpp>

#include "engine/store/counter_table.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using sync::OperationEffect;
using sync::OperationState;

TEST_CASE(
    "P-27 P-28 an operation is accepted offline, sent when reachable, and applied by its verdict") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  const auto accepted = world.enqueue(1, kApproval, "approve");
  CHECK(accepted.state == OperationState::queued);
  CHECK_FALSE(accepted.repeated);
  CHECK(world.counter(store::kOutboxOperations) == 1);
  world.sends_nothing();

  world.go_online();
  const auto push = world.sends({1});
  CHECK(push.call.endpoint == "push");
  CHECK(world.state(1) == "sending");
  CHECK(world.get(1).attempts == 1);
  CHECK(world.get(1).effect == OperationEffect::possible);

  const auto effects = world.answer(push, results({applied(1, kApproval, 8)}));
  CHECK(effects.pull);
  REQUIRE(effects.entities.size() == 1);
  CHECK(Json::parse(effects.entities[0].document).at("row_version") == 8);
  const auto settled = world.get(1);
  CHECK(settled.state == OperationState::applied);
  CHECK(settled.effect == OperationEffect::known);
  CHECK(settled.result_version == 8);
  CHECK_FALSE(settled.adopted);
  CHECK(world.counter(store::kOutboxOperations) == 0);
  CHECK(world.counter(store::kOutboxBytes) == 0);
  CHECK_FALSE(effects.wake_at.has_value());
}

TEST_CASE("P-28 pushes that follow each other are followed by one pull, behind the last") {
  QueueWorld world([] {
    Profile profile = test_profile();
    profile.sync.batch_operations_max = 1;
    return profile;
  }());
  const auto comment = [&](int number) {
    const EntityKey entity{"approval", "A-" + std::to_string(number)};
    world.store_document(entity, 1);
    world.enqueue(number, entity, "comment");
  };
  for (int i = 1; i <= 3; ++i) comment(i);
  world.go_online();
  const auto answer_next = [&](int number) {
    const auto push = world.sends({number});
    const EntityKey entity{"approval", "A-" + std::to_string(number)};
    return world.answer(push, results({applied(number, entity, 2)}));
  };
  CHECK_FALSE(answer_next(1).pull);

  SECTION("when nothing is left to be sent") {
    CHECK_FALSE(answer_next(2).pull);
    CHECK(answer_next(3).pull);
    CHECK_FALSE(world.plan().pull);
  }
  SECTION("when what was to be sent is gone") {
    const auto first = world.cancel(2);
    REQUIRE(first.has_value());
    CHECK_FALSE(first->pull);
    const auto second = world.cancel(3);
    REQUIRE(second.has_value());
    CHECK(second->pull);
  }
  SECTION("after two seconds of pushes all the same") {
    world.pass(1'999);
    CHECK_FALSE(answer_next(2).pull);
    world.pass(1);
    comment(4);
    const auto push = world.sends({3});
    CHECK(world.last.pull);
    CHECK_FALSE(world.answer(push, results({applied(3, {"approval", "A-3"}, 2)})).pull);
    CHECK(answer_next(4).pull);
  }
  SECTION("when the call behind it hangs, after two seconds") {
    const auto hanging = world.sends({2});
    CHECK(world.last.wake_at == world.now + Duration{2'000});
    world.pass(1'999);
    CHECK_FALSE(world.look_ahead().pull);
    world.pass(1);
    CHECK(world.look_ahead().pull);
    CHECK_FALSE(world.look_ahead().pull);
    CHECK_FALSE(world.answer(hanging, lost(http::TransportFailure::silent)).pull);
  }
  SECTION("when the queue is given up before it is due") {
    CHECK(world.queue->take_owed_pull());
    CHECK_FALSE(world.queue->take_owed_pull());
  }
  SECTION("when the network is gone, so that the pull waits with the others") {
    world.go_offline();
    CHECK(world.last.pull);
    CHECK_FALSE(world.queue->wants_look());
  }
  SECTION("when the server asks to wait with what is left") {
    const auto push = world.sends({2});
    CHECK(world.answer(push, response(503, "", {{"Retry-After", "60"}})).pull);
  }
}

TEST_CASE("what is over and what leaves next share a step, which is durable for what leaves") {
  Profile profile = test_profile();
  profile.sync.batch_operations_max = 1;
  QueueWorld world(profile);
  world.store_document(kApproval, 1);
  world.store_document(kOtherApproval, 1);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kOtherApproval, "comment");
  world.go_online();
  const auto push = world.sends({1});

  SECTION("the server's word about each") {
    const auto next = world.answer_and_plan(push, results({applied(1, kApproval, 2)}));
    CHECK(next.is_durable);
    CHECK(world.state(1) == "applied");
    CHECK(world.state(2) == "sending");
    REQUIRE(next.effects.pushes.size() == 1);
    CHECK(next.effects.pushes.front().operations == std::vector{op(2)});
    REQUIRE(next.effects.changes.size() == 2);
    CHECK(next.effects.changes[0].state == OperationState::applied);
    CHECK(next.effects.changes[1].state == OperationState::sending);
    CHECK_FALSE(next.effects.pull);

    // The last one has nothing behind it, and waits for no sync.
    const auto last = world.answer_and_plan(next.effects.pushes.front(),
                                            results({applied(2, kOtherApproval, 2)}));
    CHECK_FALSE(last.is_durable);
    CHECK(last.effects.pushes.empty());
    CHECK(last.effects.pull);
    CHECK_FALSE(last.effects.wake_at.has_value());
  }
  SECTION("a word that one of them waits for holds up nobody else") {
    const auto next = world.answer_and_plan(push, results({retry(1, "busy", 30)}));
    CHECK(next.is_durable);
    CHECK(world.state(1) == "queued");
    CHECK(world.state(2) == "sending");
  }
  SECTION("an answer that is no such word: others hear of it before anything leaves") {
    const auto http_answer = GENERATE(lost(http::TransportFailure::silent), response(401),
                                      response(503), response(200, "<html>"));
    const auto alone = world.answer_and_plan(push, http_answer);
    CHECK_FALSE(alone.is_durable);
    CHECK(alone.effects.pushes.empty());
    CHECK(world.state(2) == "queued");
  }
  SECTION("an answer to a call that is not in flight changes nothing and plans nothing") {
    sync::PushCall other = push;
    other.batch.bytes[0] ^= 1;
    const auto nothing = world.answer_and_plan(other, results({applied(1, kApproval, 2)}));
    CHECK_FALSE(nothing.is_durable);
    CHECK(nothing.effects.pushes.empty());
    CHECK(world.state(1) == "sending");
  }
}

TEST_CASE("the body of a push is that of the wire contract, field by field") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  auto request = world.request(1, kApproval, "comment");
  request.payload = "{\"comment\":\"a \\\"b\\\"\"}";
  request.attestation = "{\"proof\":1}";
  request.group_id = "g";
  REQUIRE(world.try_enqueue(request).has_value());
  world.enqueue(2, kApproval, "comment");
  world.go_online();
  const auto push = world.sends({1, 2});
  const std::string created = format_rfc3339(world.get(1).created_at);
  CHECK(push.call.body ==
        "{\"device_id\":\"device-1\",\"operations\":["
        "{\"id\":\"" +
            to_text(op(1)) +
            "\",\"entity_type\":\"approval\",\"entity_id\":\"A-1\",\"action\":\"comment\","
            "\"schema\":1,\"base_version\":7,\"created_at\":\"" +
            created +
            "\",\"payload\":{\"comment\":\"a \\\"b\\\"\"},"
            "\"group_id\":\"g\",\"attestation\":{\"proof\":1}},"
            "{\"id\":\"" +
            to_text(op(2)) +
            "\",\"entity_type\":\"approval\",\"entity_id\":\"A-1\",\"action\":\"comment\","
            "\"schema\":1,\"after\":\"" +
            to_text(op(1)) + "\",\"created_at\":\"" + created +
            "\",\"payload\":{\"comment\":\"comment number 2\"}}]}");
}
