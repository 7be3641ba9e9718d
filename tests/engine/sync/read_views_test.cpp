#include "engine/sync/overlay.hpp"

#include "engine/store/transaction.hpp"
#include "tests/engine/sync/lane_rows.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>

namespace landfall::pull_test {
namespace {

using sync::OperationState;
using sync::View;

std::optional<View> view(Partition& partition, const EntityKey& entity) {
  return partition.read([&](const store::Snapshot& snapshot) {
    return sync::read_view(snapshot, partition.profile, partition.outbox_key,
                           partition.documents_key, entity);
  });
}

std::vector<std::string> ids(Partition& partition, const std::string& type,
                             std::optional<std::string> after, std::size_t limit) {
  const auto views = partition.read([&](const store::Snapshot& snapshot) {
    return sync::read_views(snapshot, partition.profile, partition.outbox_key,
                            partition.documents_key, type, after, limit);
  });
  std::vector<std::string> result;
  for (const View& each : views) result.push_back(each.entity.id);
  return result;
}

void put(Partition& partition, std::string type, std::string id, std::int64_t row_version = 1) {
  partition.put({{std::move(type), std::move(id)},
                 row_version,
                 Instant{5},
                 false,
                 R"({"status":"pending"})"});
}

}  // namespace

TEST_CASE("A view is read from the document and the open operations of its lane (P-27, P-58)") {
  Partition partition;
  put(partition, "approval", "a-1");
  add_operation(partition, {1, {"approval", "a-1"}, "approve"});
  add_operation(partition, {2, {"approval", "a-2"}, "reject"});
  const auto shown = view(partition, {"approval", "a-1"});
  REQUIRE(shown);
  CHECK(shown->data == R"({"status":"approved"})");
  CHECK(shown->operations.size() == 1);
  CHECK_FALSE(view(partition, {"approval", "a-2"}));
}

TEST_CASE("Between verdict, adoption and the next page the view never goes back (INV-Q14)") {
  PullRig rig;
  put(rig, "approval", "a-1", 3);
  add_operation(rig, {1, {"approval", "a-1"}, "approve"});
  const auto status = [&] { return view(rig, {"approval", "a-1"})->data; };
  const std::string approved = R"({"status":"approved"})";
  CHECK(status() == approved);
  const Json entity = wire_document("approval", "a-1", 4, {{"status", "approved"}});
  settle_with_entity(rig, 1, OperationState::applied, entity);
  CHECK(status() == approved);
  CHECK_FALSE(view(rig, {"approval", "a-1"})->pending_sync);
  rig.start();
  rig.answer(ok(page("c1", false, {wire_document("approval", "a-1", 3, {{"status", "pending"}})})));
  CHECK(status() == approved);
  rig.entities({{OperationId{{1}}, dump_json(entity)}});
  CHECK(status() == approved);
  mark_adopted(rig, 1);
  CHECK(status() == approved);
}

TEST_CASE("Views of a type come in the order of ids, creates without a document among them") {
  Partition partition;
  for (const char* id : {"pr-5", "pr-1", "pr-3"}) put(partition, "pr", id);
  put(partition, "po", "po-1");
  add_operation(partition, {1, {"pr", "pr-2"}, "create", R"({"title":"x"})"});
  add_operation(partition, {2, {"pr", "pr-4"}, "update", R"({"title":"x"})"});
  add_operation(partition, {3, {"pr", "pr-5"}, "delete"});
  partition.put({{"pr", "pr-6"}, 1, Instant{5}, true, "{}"});
  CHECK(ids(partition, "pr", std::nullopt, 10) == std::vector<std::string>{"pr-1", "pr-2", "pr-3"});
}

TEST_CASE("Views are read page by page; what has no view takes no place of a page") {
  Partition partition;
  for (const char* id : {"pr-1", "pr-2", "pr-3", "pr-4", "pr-5"}) put(partition, "pr", id);
  add_operation(partition, {1, {"pr", "pr-2"}, "delete"});
  add_operation(partition, {2, {"pr", "pr-3"}, "delete"});
  CHECK(ids(partition, "pr", std::nullopt, 2) == std::vector<std::string>{"pr-1", "pr-4"});
  CHECK(ids(partition, "pr", "pr-4", 2) == std::vector<std::string>{"pr-5"});
  CHECK(ids(partition, "pr", "pr-5", 2).empty());
}

TEST_CASE("An entity that exists only in a verdict is listed") {
  Partition partition;
  add_operation(partition, {1, {"pr", "pr-1"}, "create", R"({"title":"x"})"});
  settle_with_entity(partition, 1, OperationState::applied, wire_document("pr", "pr-1", 1));
  CHECK(ids(partition, "pr", std::nullopt, 2) == std::vector<std::string>{"pr-1"});
}

TEST_CASE("A document whose body was moved from another row does not open (INV-X3)") {
  Partition partition;
  put(partition, "approval", "a-1");
  partition.put({{"approval", "a-2"}, 1, Instant{5}, false, R"({"status":"other"})"});
  (void)partition.write([](store::Transaction& tx) {
    return tx.run(
        "UPDATE documents SET body = (SELECT body FROM documents WHERE entity_id = 'a-2')"
        " WHERE entity_id = ?1",
        "a-1");
  });
  const auto refused = partition.database->read([&](const store::Snapshot& snapshot) {
    return sync::read_view(snapshot, partition.profile, partition.outbox_key,
                           partition.documents_key, {"approval", "a-1"});
  });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "seal.broken");
}

}  // namespace landfall::pull_test
