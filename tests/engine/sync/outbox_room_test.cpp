#include "engine/sync/outbox_room.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "engine/host/operation_json.hpp"
#include "engine/host/outgoing.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using namespace landfall::sync;

namespace {

OutboxCounts count(QueueWorld& world) {
  const auto counts = world.database->read(
      [&](const store::Snapshot& snapshot) { return count_outbox(snapshot, world.profile); });
  REQUIRE(counts.has_value());
  return *counts;
}

Error refused(QueueWorld& world, const EnqueueRequest& request) {
  const auto accepted = world.try_enqueue(request);
  REQUIRE_FALSE(accepted.has_value());
  return accepted.error();
}

EnqueueRequest with_payload(QueueWorld& world, int number, std::size_t bytes) {
  EnqueueRequest request = world.request(number, kPo, "count");
  request.payload = R"({"text":")" + std::string(bytes - 11, 'x') + R"("})";
  return request;
}

}  // namespace

TEST_CASE("INV-X4 a full outbox says which bound it met and how much is free") {
  Profile profile = test_profile();
  profile.limits.outbox_operations_max = 2;
  profile.limits.outbox_bytes_max = 100'000;
  QueueWorld world(std::move(profile));

  SECTION("operations") {
    world.enqueue(1, kPo, "count");
    world.enqueue(2, kPo, "count");
    const Error error = refused(world, world.request(3, kPo, "count"));
    CHECK(error.code == "storage.outbox_full");
    CHECK(error.kind == ErrorClass::storage_full);
    REQUIRE(error.room);
    CHECK(error.room->operations == 0);
    CHECK(error.room->bytes == 100'000 - world.counter(store::kOutboxBytes));
  }
  SECTION("bytes") {
    REQUIRE(world.try_enqueue(with_payload(world, 1, 60'000)).has_value());
    const Error error = refused(world, with_payload(world, 2, 60'000));
    CHECK(error.code == "storage.outbox_bytes_full");
    REQUIRE(error.room);
    CHECK(error.room->operations == 1);
    CHECK(error.room->bytes == 100'000 - world.counter(store::kOutboxBytes));
    CHECK(host::error_json(error).at("free") ==
          Json{{"operations", 1}, {"bytes", error.room->bytes}});
    REQUIRE(world.try_enqueue(with_payload(world, 3, 10'000)).has_value());
  }
  SECTION("payload") {
    const Error error = refused(world, with_payload(world, 1, 300'000));
    CHECK(error.code == "operation.payload_too_large");
    CHECK(error.field == "payload");
  }
  CHECK(world.all().size() == static_cast<std::size_t>(count(world).queued));
}

TEST_CASE("a refusal takes nothing of the others' transaction; a failing store does") {
  CHECK(refuses_one({ErrorClass::storage_full, "storage.outbox_full", "", {}, {}, Room{}}));
  CHECK(refuses_one({ErrorClass::invalid, "operation.invalid", ""}));
  CHECK_FALSE(refuses_one({ErrorClass::storage_full, "storage.full", ""}));
  CHECK_FALSE(refuses_one({ErrorClass::corrupt, "store.corrupt", ""}));
}

TEST_CASE("a lane that is full leaves the others") {
  QueueWorld world;
  for (int i = 0; i < static_cast<int>(limits::kLaneOperationsMax); ++i)
    world.enqueue(i + 1, kPo, "count");
  const Error error = refused(world, world.request(9'000, kPo, "count"));
  CHECK(error.code == "operation.lane_full");
  CHECK(error.kind == ErrorClass::refused);
  world.enqueue(9'001, {"po", "PO-2"}, "count");
}

TEST_CASE("P-30 P-58 the outbox is counted by state, in the words of the apps too") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.store_document(kOtherApproval, 3);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kOtherApproval, "comment");
  CHECK(count(world).queued == 2);
  world.go_online();
  const PushCall push = world.sends({1, 2});
  CHECK(count(world).sending == 2);
  world.answer(push, results({rejected(1, "NO"), retry(2, "busy")}));
  world.enqueue(3, kApproval, "comment");
  const OutboxCounts counts = count(world);
  CHECK(counts.sending == 0);
  CHECK(counts.queued + counts.unknown + counts.blocked == 2);
  const Json json = host::counts_json(counts);
  CHECK(json.at("pending") == 2);
  CHECK(json.at("processing") == 0);
  CHECK(json.at("failed") == 1);
  CHECK(json.at("rejected") == 1);
  CHECK(json.at("free").at("operations") ==
        static_cast<std::int64_t>(world.profile.limits.outbox_operations_max) - 2);
}

TEST_CASE("P-30 failed counts what needs its user: spent, rejected and in conflict") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.store_document(kOtherApproval, 3);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kOtherApproval, "comment");
  world.enqueue(3, kPo, "count");
  world.go_online();
  const Json lost_to_another{{"id", to_text(op(2))}, {"status", "conflict"}};
  world.answer(world.sends({1, 2, 3}),
               results({rejected(1, "NO"), lost_to_another, retry(3, "busy")}));
  for (const std::int64_t delay_ms : {5'000, 30'000, 120'000}) {
    CHECK(host::counts_json(count(world)).at("failed") == 2);
    world.pass(delay_ms);
    world.answer(world.sends({3}), results({retry(3, "busy")}));
  }
  const Json json = host::counts_json(count(world));
  CHECK(json.at("failed") == 3);
  CHECK(json.at("spent") == 1);
  CHECK(json.at("rejected") == 1);
  CHECK(json.at("conflicts") == 1);
  CHECK(json.at("pending") == 0);

  // What partition.erase asks for, which no verdict is part of.
  world.enqueue(4, kApproval, "comment");
  const Json before_erase = host::counts_json(count(world));
  CHECK(before_erase.at("pending").get<int>() + before_erase.at("processing").get<int>() +
            before_erase.at("spent").get<int>() ==
        2);
  CHECK(world.counter(store::kOutboxOperations) == 2);

  // What the user was shown of a refusal needs nobody any more; the other two still do.
  const std::int64_t last = world.notices().back().seq;
  const auto seen =
      world.write([&](store::Transaction& tx) { return world.queue->on_notices_seen(tx, last); });
  REQUIRE(seen.has_value());
  CHECK(host::counts_json(count(world)).at("rejected") == 0);
  CHECK(host::counts_json(count(world)).at("failed") == 2);
}
