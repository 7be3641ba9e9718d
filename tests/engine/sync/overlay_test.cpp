#include "engine/sync/overlay.hpp"

#include "engine/profile/profile.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace landfall::pull_test {
namespace {

using sync::BlockReason;
using sync::Document;
using sync::LaidOperation;
using sync::OperationState;

const EntityKey kApproval{"approval", "a-1"};
const EntityKey kPr{"pr", "pr-1"};

const Profile& prokure() {
  static const Partition partition;
  return partition.profile;
}

std::optional<Document> document(const EntityKey& entity, std::int64_t row_version,
                                 std::string data) {
  return Document{entity, row_version, Instant{1'000}, false, std::move(data)};
}

LaidOperation pending(std::uint8_t number, std::string action, std::string payload,
                      OperationState state = OperationState::queued) {
  LaidOperation laid;
  laid.operation.id = OperationId{{number}};
  laid.operation.action = std::move(action);
  laid.operation.state = state;
  laid.payload = std::move(payload);
  return laid;
}

LaidOperation verdict(std::uint8_t number, std::string action, OperationState state, Json entity) {
  LaidOperation laid = pending(number, std::move(action), "{}", state);
  laid.entity = dump_json(entity);
  return laid;
}

}  // namespace

TEST_CASE("A document without operations is shown as it is") {
  const auto view =
      sync::lay_over(prokure(), kApproval, document(kApproval, 3, R"({"status":"pending"})"), {});
  REQUIRE(view);
  CHECK(view->data == R"({"status":"pending"})");
  CHECK(view->row_version == 3);
  CHECK(view->updated_at == Instant{1'000});
  CHECK_FALSE(view->pending_sync);
  CHECK(view->operations.empty());
}

TEST_CASE("A pending action sets its constants over the payload's fields (P-58 PENDING SYNC)") {
  const auto view =
      sync::lay_over(prokure(), kApproval,
                     document(kApproval, 3, R"({"amount":5,"comment":"","status":"pending"})"),
                     {pending(1, "approve", R"({"comment":"fine","status":"nonsense"})")});
  REQUIRE(view);
  CHECK(view->data == R"({"amount":5,"comment":"fine","status":"approved"})");
  CHECK(view->pending_sync);
  REQUIRE(view->operations.size() == 1);
  CHECK(view->operations[0].id == OperationId{{1}});
  CHECK(view->operations[0].action == "approve");
}

TEST_CASE("Operations are laid in the order of acceptance") {
  const auto view = sync::lay_over(
      prokure(), kPr, document(kPr, 1, R"({"title":"a"})"),
      {pending(1, "update", R"({"title":"b"})"), pending(2, "update", R"({"title":"c"})")});
  CHECK(view->data == R"({"title":"c"})");
  CHECK(view->operations.size() == 2);
}

TEST_CASE("A pending create makes the entity exist, and what follows is laid over it") {
  const auto view = sync::lay_over(
      prokure(), kPr, std::nullopt,
      {pending(1, "create", R"({"lines":[1],"title":"x"})"), pending(2, "submit", "{}")});
  REQUIRE(view);
  CHECK(view->data == R"({"lines":[1],"status":"submitted","title":"x"})");
  CHECK_FALSE(view->row_version);
  CHECK_FALSE(view->updated_at);
  CHECK(view->pending_sync);
}

TEST_CASE("An entity without document and create has no view, and neither has a deleted one") {
  CHECK_FALSE(sync::lay_over(prokure(), kPr, std::nullopt, {}));
  CHECK_FALSE(
      sync::lay_over(prokure(), kPr, std::nullopt, {pending(1, "update", R"({"title":"b"})")}));
  auto tombstone = document(kPr, 4, "{}");
  tombstone->deleted = true;
  CHECK_FALSE(
      sync::lay_over(prokure(), kPr, tombstone, {pending(1, "update", R"({"title":"b"})")}));
  CHECK_FALSE(sync::lay_over(prokure(), kPr, document(kPr, 1, "{}"), {pending(1, "delete", "{}")}));
}

TEST_CASE("A create after a delete starts from nothing") {
  const auto view =
      sync::lay_over(prokure(), kPr, document(kPr, 1, R"({"number":"7"})"),
                     {pending(1, "delete", "{}"), pending(2, "create", R"({"title":"x"})")});
  REQUIRE(view);
  CHECK(view->data == R"({"status":"draft","title":"x"})");
}

TEST_CASE("Only what may still change the server is laid over") {
  const auto state =
      GENERATE(OperationState::applied, OperationState::rejected, OperationState::conflict,
               OperationState::superseded, OperationState::cancelled, OperationState::discarded);
  const auto view =
      sync::lay_over(prokure(), kApproval, document(kApproval, 3, R"({"status":"pending"})"),
                     {pending(1, "approve", "{}", state)});
  CHECK(view->data == R"({"status":"pending"})");
  CHECK_FALSE(view->pending_sync);
}

TEST_CASE("Failed, blocked and unknown ones stay in the picture with their state (INV-Q14)") {
  const auto state = GENERATE(OperationState::sending, OperationState::unknown,
                              OperationState::blocked, OperationState::failed);
  auto laid = pending(1, "approve", "{}", state);
  laid.operation.block_reason = BlockReason::dependency;
  const auto view = sync::lay_over(prokure(), kApproval,
                                   document(kApproval, 3, R"({"status":"pending"})"), {laid});
  CHECK(view->data == R"({"status":"approved"})");
  CHECK(view->operations[0].state == state);
  CHECK(view->operations[0].block_reason == BlockReason::dependency);
}

TEST_CASE(
    "An entity of a verdict stands in for an older document until it is adopted (INV-Q14: no "
    "flicker)") {
  const auto applied =
      verdict(1, "approve", OperationState::applied,
              wire_document("approval", "a-1", 4, {{"status", "approved"}, {"by", "me"}}));
  auto view =
      sync::lay_over(prokure(), kApproval, document(kApproval, 3, R"({"status":"pending"})"),
                     {applied, pending(2, "comment", R"({"comment":"later"})")});
  CHECK(view->row_version == 4);
  CHECK(view->data == R"({"by":"me","comment":"later","status":"approved"})");
  CHECK(view->operations.size() == 1);

  view = sync::lay_over(prokure(), kApproval, document(kApproval, 5, R"({"status":"rejected"})"),
                        {applied});
  CHECK(view->row_version == 5);
  CHECK(view->data == R"({"status":"rejected"})");

  CHECK(sync::lay_over(prokure(), kApproval, std::nullopt, {applied})->row_version == 4);
}

TEST_CASE(
    "A verdict's entity that is deleted takes the view away; one of another entity does nothing") {
  const auto deleted =
      verdict(1, "approve", OperationState::conflict, wire_tombstone("approval", "a-1", 4));
  CHECK_FALSE(sync::lay_over(prokure(), kApproval, document(kApproval, 3, "{}"), {deleted}));
  const auto foreign =
      verdict(1, "approve", OperationState::applied, wire_document("approval", "a-9", 9));
  CHECK(
      sync::lay_over(prokure(), kApproval, document(kApproval, 3, "{}"), {foreign})->row_version ==
      3);
}

TEST_CASE("An action that the profile no longer has is pending and changes nothing") {
  const auto view = sync::lay_over(prokure(), kApproval, document(kApproval, 3, R"({"v":1})"),
                                   {pending(1, "escalate", R"({"v":2})")});
  CHECK(view->data == R"({"v":1})");
  CHECK(view->pending_sync);
}

}  // namespace landfall::pull_test
