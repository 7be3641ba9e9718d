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
