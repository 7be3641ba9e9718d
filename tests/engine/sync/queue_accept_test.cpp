#include <sodium.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/store/base_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/prepared_enqueue.hpp"
#include "tests/engine/sync/queue_fixture.hpp"

using namespace landfall;
using namespace landfall::test;
using sync::OperationState;

namespace {

void check_refused(QueueWorld& world, const sync::EnqueueRequest& request, const std::string& code,
                   const std::string& field = "") {
  const auto count = world.all().size();
  const auto accepted = world.try_enqueue(request);
  REQUIRE_FALSE(accepted.has_value());
  CHECK(accepted.error().code == code);
  if (!field.empty()) CHECK(accepted.error().field == field);
  CHECK(world.all().size() == count);
}

}  // namespace

TEST_CASE(
    "the same id with the same bytes is accepted again without a second row, with others it is "
    "refused") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  const auto first = world.enqueue(1, kApproval, "approve");
  const auto again = world.enqueue(1, kApproval, "approve");
  CHECK(again.repeated);
  CHECK(again.seq == first.seq);
  CHECK(world.all().size() == 1);
  CHECK(world.counter(store::kOutboxOperations) == 1);

  auto other = world.request(1, kApproval, "approve");
  other.payload = "{\"comment\":\"another\"}";
  check_refused(world, other, "operation.id_reused", "id");
  other = world.request(1, kApproval, "approve");
  other.base_version = 7;
  check_refused(world, other, "operation.id_reused", "id");

  world.go_online();
  world.answer(world.sends({1}), results({applied(1, kApproval, 8)}));
  const auto settled = world.enqueue(1, kApproval, "approve");
  CHECK(settled.repeated);
  CHECK(settled.state == OperationState::applied);
}

TEST_CASE("what the profile does not know is refused before anything is written, with the field") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  check_refused(world, world.request(1, {"invoice", "I-1"}, "approve"), "operation.unknown_type",
                "entity_type");
  check_refused(world, world.request(1, kApproval, "destroy"), "operation.unknown_action",
                "action");
  check_refused(world, world.request(1, {"approval", ""}, "approve"), "operation.invalid",
                "entity_id");
  check_refused(world, world.request(1, {"approval", std::string(200, 'x')}, "approve"),
                "operation.invalid");
  auto request = world.request(1, kApproval, "approve");
  request.payload = "{";
  check_refused(world, request, "operation.invalid", "payload");
  request.payload = "[]";
  check_refused(world, request, "operation.invalid", "payload");
  request = world.request(1, kApproval, "approve");
  request.attestation = "not json";
  check_refused(world, request, "operation.invalid", "attestation");
}

TEST_CASE("P-56 a rejection whose comment is too short is refused before it is acknowledged") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  auto request = world.request(1, kApproval, "reject");
  request.payload = "{\"comment\":\"too short\"}";
  check_refused(world, request, "operation.invalid", "payload.comment");
}

TEST_CASE("a full outbox refuses the next operation and keeps those it has") {
  Profile profile = test_profile();
  profile.limits.outbox_operations_max = 2;
  QueueWorld world(std::move(profile));
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kApproval, "comment");
  check_refused(world, world.request(3, kApproval, "comment"), "storage.outbox_full");
  CHECK(world.counter(store::kOutboxOperations) == 2);
  REQUIRE(world.cancel(2).has_value());
  world.enqueue(3, kApproval, "comment");
}

TEST_CASE("an operation on top of an unsettled one of its lane names it, others carry a version") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.store_document(kOtherApproval, 3);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kApproval, "comment");
  world.enqueue(3, kOtherApproval, "comment");
  CHECK(world.get(1).base_version == 7);
  CHECK_FALSE(world.get(1).after.has_value());
  CHECK(world.get(2).after == op(1));
  CHECK_FALSE(world.get(2).base_version.has_value());
  CHECK(world.get(3).base_version == 3);
}

TEST_CASE("creates and commutative actions carry neither a version nor a predecessor") {
  QueueWorld world;
  world.store_document(kPo, 4);
  world.enqueue(1, {"pr", "PR-1"}, "create");
  world.enqueue(2, kPo, "update");
  world.enqueue(3, kPo, "count");
  for (const int number : {1, 3}) {
    CHECK_FALSE(world.get(number).after.has_value());
    CHECK_FALSE(world.get(number).base_version.has_value());
  }
  // But what stands on a create waits for it.
  auto update = world.request(4, {"pr", "PR-1"}, "update");
  update.payload = "{\"title\":\"t\"}";
  REQUIRE(world.try_enqueue(update).has_value());
  CHECK(world.get(4).after == op(1));
  check_refused(world, world.request(5, {"pr", "PR-1"}, "create"), "operation.invalid",
                "entity_id");
}

TEST_CASE(
    "INV-Q16 the version that the host saw counts unless this device made a newer one itself") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  auto seen = world.request(1, kApproval, "comment");
  seen.base_version = 6;
  REQUIRE(world.try_enqueue(seen).has_value());
  CHECK(world.get(1).base_version == 6);  // somebody else made 7: the server shall say so

  world.go_online();
  world.answer(world.sends({1}), results({applied(1, kApproval, 8)}));
  seen = world.request(2, kApproval, "comment");
  seen.base_version = 7;
  REQUIRE(world.try_enqueue(seen).has_value());
  CHECK(world.get(2).base_version == 8);  // its verdict is here, its document not yet

  world.store_document(kApproval, 9);
  REQUIRE(world.discard(2).has_value());
  seen = world.request(3, kApproval, "comment");
  seen.base_version = 8;
  REQUIRE(world.try_enqueue(seen).has_value());
  CHECK(world.get(3).base_version == 8);  // 9 is somebody else's
}

TEST_CASE("an update of what is not known here needs the version that the user saw") {
  QueueWorld world;
  check_refused(world, world.request(1, kApproval, "comment"), "operation.invalid", "base_version");
  auto seen = world.request(1, kApproval, "comment");
  seen.base_version = 5;
  REQUIRE(world.try_enqueue(seen).has_value());
  CHECK(world.get(1).base_version == 5);
}

TEST_CASE("an applied create whose version was not told is stood on by its id") {
  QueueWorld world;
  const EntityKey pr{"pr", "PR-1"};
  world.enqueue(1, pr, "create");
  world.go_online();
  world.answer(world.sends({1}), results({{{"id", to_text(op(1))}, {"status", "applied"}}}));
  auto update = world.request(2, pr, "submit");
  REQUIRE(world.try_enqueue(update).has_value());
  CHECK(world.get(2).after == op(1));
  world.sends({2});
}

TEST_CASE("the document that the user acted on is kept, sealed, beside the operation") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  auto request = world.request(1, kApproval, "comment");
  request.base_data = "{\"status\":\"pending\"}";
  const auto accepted = world.try_enqueue(request);
  REQUIRE(accepted.has_value());
  const auto base = world.database->read([&](const store::Snapshot& snapshot) {
    return store::BaseTable::find(snapshot, *world.key, accepted->seq, op(1));
  });
  REQUIRE(base.has_value());
  REQUIRE(base->has_value());
  CHECK((*base)->row_version == 7);
  CHECK((*base)->data == *request.base_data);
}

TEST_CASE("a queued operation that never left is superseded together with what stands on it") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.enqueue(2, kApproval, "comment");
  world.enqueue(3, kApproval, "comment");
  auto request = world.request(4, kApproval, "comment");
  request.supersedes = op(2);
  const auto accepted = world.try_enqueue(request);
  REQUIRE(accepted.has_value());
  CHECK(accepted->changes.size() == 2);
  CHECK(world.state(1) == "queued");
  CHECK(world.state(2) == "superseded");
  CHECK(world.state(3) == "superseded");
  CHECK(world.get(4).after == op(1));
  CHECK(world.counter(store::kOutboxOperations) == 2);
  CHECK(world.try_enqueue(request)->repeated);
  world.go_online();
  world.sends({1, 4});
}

TEST_CASE(
    "what may have happened is not superseded; rejected, conflicting and certainly failed ones "
    "are") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  world.enqueue(1, kApproval, "comment");
  world.go_online();
  auto request = world.request(2, kApproval, "comment");
  request.supersedes = op(1);

  auto push = world.sends({1});
  check_refused(world, request, "operation.may_have_happened", "supersedes");
  world.answer(push, lost(http::TransportFailure::silent));
  CHECK(world.state(1) == "unknown");
  check_refused(world, request, "operation.may_have_happened", "supersedes");
  world.pass(5'000);
  world.answer(world.sends({1}), results({conflicting(1, kApproval, 9)}));
  REQUIRE(world.try_enqueue(request).has_value());
  CHECK(world.state(1) == "superseded");
  CHECK(world.get(2).base_version == 9);

  world.answer(world.sends({2}), results({rejected(2, "NO")}));
  request = world.request(3, kApproval, "comment");
  request.supersedes = op(2);
  REQUIRE(world.try_enqueue(request).has_value());
  CHECK(world.state(2) == "superseded");

  request = world.request(4, kOtherApproval, "comment");
  request.supersedes = op(3);
  check_refused(world, request, "operation.invalid", "supersedes");
  request = world.request(4, kApproval, "comment");
  request.supersedes = op(99);
  check_refused(world, request, "operation.invalid", "supersedes");
  request.supersedes = op(1);
  check_refused(world, request, "operation.invalid", "supersedes");
}

// Rows of earlier versions are compared with it: it never changes.
TEST_CASE("C-21: the hash of a request is that of all it says, as one JSON array") {
  QueueWorld world;
  const Profile profile = test_profile();
  for (int with = 0; with < 16; ++with) {
    sync::EnqueueRequest request = world.request(1, kApproval, "comment");
    request.payload = R"({"comment":"a \"word\" \u0001"})";
    Json parts =
        Json::array({request.entity.type, request.entity.id, request.action, request.payload});
    request.base_version.reset();
    if (with & 1) request.base_version = -7;
    if (with & 2) request.supersedes = op(2);
    if (with & 4) request.group_id = "g \n \xff";
    if (with & 8) request.attestation = R"({"b":2})";
    parts.push_back(request.base_version ? Json(*request.base_version) : Json());
    parts.push_back(request.supersedes ? Json(to_text(*request.supersedes)) : Json());
    parts.push_back(request.group_id ? Json(*request.group_id) : Json());
    parts.push_back(request.attestation ? Json(*request.attestation) : Json());
    const std::string text = parts.dump(-1, ' ', false, Json::error_handler_t::replace);
    store::OperationHash expected{};
    crypto_generichash(reinterpret_cast<unsigned char*>(expected.data()), expected.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr,
                       0);
    CHECK(sync::prepare(profile, request).hash == expected);
  }
}

TEST_CASE("a payload that was sealed ahead is stored as it was sealed, and no refused one is") {
  QueueWorld world;
  world.store_document(kApproval, 7);
  auto prepared = sync::prepare(world.profile, world.request(1, kApproval, "comment"));
  sync::seal_ahead(prepared, *world.key);
  REQUIRE(prepared.sealed_payload);
  REQUIRE(world.write(
      [&](store::Transaction& tx) { return world.queue->on_enqueue(tx, prepared, world.now); }));
  using Stored = Result<std::optional<store::SealedPayload>>;
  const auto stored = world.database->read([](const store::Snapshot& snapshot) -> Stored {
    LANDFALL_TRY_ASSIGN(store::Rows rows,
                        snapshot.select("SELECT payload FROM operations WHERE id = ?1", op(1)));
    return rows.first([](const store::Rows& row) {
      const auto bytes = row.bytes(0);
      return store::SealedPayload(bytes.begin(), bytes.end());
    });
  });
  CHECK(stored.value() == prepared.sealed_payload);

  auto refused = sync::prepare(world.profile, world.request(2, kApproval, "no_such_action"));
  sync::seal_ahead(refused, *world.key);
  CHECK_FALSE(refused.sealed_payload);
}
