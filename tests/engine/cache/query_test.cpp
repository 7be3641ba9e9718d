#include "engine/cache/query.hpp"

#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"
#include "tests/engine/sync/lane_rows.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace landfall::pull_test {
namespace {

Result<Json> try_query(Partition& partition, const Json& params) {
  LANDFALL_TRY_ASSIGN(const auto query, cache::parse_query(params));
  return partition.database->read([&](const store::Snapshot& snapshot) {
    return cache::run_query(snapshot, partition.profile, partition.outbox_key,
                            partition.documents_key, query);
  });
}

Json query(Partition& partition, const Json& params) {
  auto reply = try_query(partition, params);
  if (!reply) Partition::stop(reply.error());
  return std::move(*reply);
}

std::vector<std::string> ids_of(const Json& reply) {
  std::vector<std::string> ids;
  for (const Json& document : reply.at("documents")) ids.push_back(document.at("entity_id"));
  return ids;
}

Error error_of(const Json& params) {
  const auto parsed = cache::parse_query(params);
  REQUIRE_FALSE(parsed);
  return parsed.error();
}

void put(Partition& partition, const std::string& id, std::string data = "{}") {
  partition.put({{"pr", id}, 3, Instant{1'750'000'000'123}, false, std::move(data)});
}

}  // namespace

TEST_CASE("documents.query by id answers with the view and what is pending on it (P-58)") {
  Partition partition;
  put(partition, "pr-1", R"({"title":"old"})");
  add_operation(partition, {1, {"pr", "pr-1"}, "update", R"({"title":"new"})"});
  add_operation(partition, {2,
                            {"pr", "pr-1"},
                            "submit",
                            "{}",
                            sync::OperationState::blocked,
                            sync::BlockReason::dependency});
  const Json reply = query(partition, {{"type", "pr"}, {"id", "pr-1"}});
  CHECK(reply ==
        Json{{"commit_seq", partition.database->commit_seq()},
             {"documents", Json::array({{{"entity_type", "pr"},
                                         {"entity_id", "pr-1"},
                                         {"row_version", 3},
                                         {"updated_at", "2025-06-15T15:06:40.123Z"},
                                         {"data", {{"title", "new"}, {"status", "submitted"}}},
                                         {"pending_sync", true},
                                         {"operations",
                                          {{{"id", "01000000-0000-0000-0000-000000000000"},
                                            {"action", "update"},
                                            {"state", "queued"}},
                                           {{"id", "02000000-0000-0000-0000-000000000000"},
                                            {"action", "submit"},
                                            {"state", "blocked"},
                                            {"block_reason", "dependency"}}}}}})}});
}

TEST_CASE("documents.query shows what only exists here with null for the server's part") {
  Partition partition;
  add_operation(partition, {1, {"pr", "pr-1"}, "create", R"({"title":"new"})"});
  const Json view = query(partition, {{"type", "pr"}}).at("documents").at(0);
  CHECK(view.at("row_version").is_null());
  CHECK(view.at("updated_at").is_null());
  CHECK(view.at("pending_sync") == true);
}

TEST_CASE("documents.query of an id that is not here answers with no document") {
  Partition partition;
  CHECK(query(partition, {{"type", "pr"}, {"id", "pr-1"}}).at("documents").empty());
}

TEST_CASE("documents.query pages by `next` and names none at the end") {
  Partition partition;
  for (int i = 10; i < 55; ++i) put(partition, "pr-" + std::to_string(i));
  Json reply = query(partition, {{"type", "pr"}, {"limit", 22}});
  CHECK(ids_of(reply).size() == 22);
  CHECK(reply.at("next") == "pr-31");
  reply = query(partition, {{"type", "pr"}, {"limit", 22}, {"after", "pr-31"}});
  CHECK(ids_of(reply).front() == "pr-32");
  CHECK(reply.at("next") == "pr-53");
  reply = query(partition, {{"type", "pr"}, {"limit", 22}, {"after", "pr-53"}});
  CHECK(ids_of(reply) == std::vector<std::string>{"pr-54"});
  CHECK_FALSE(reply.contains("next"));
  reply = query(partition, {{"type", "pr"}, {"limit", 45}});
  CHECK(ids_of(reply).size() == 45);
  CHECK_FALSE(reply.contains("next"));
}

TEST_CASE("documents.query ends a page at 1 MiB of data, with at least one document on it") {
  Partition partition;
  const std::string data = R"({"v":")" + std::string(limits::kQueryBytesMax * 2 / 5, 'x') + "\"}";
  for (int i = 1; i <= 5; ++i) put(partition, "pr-" + std::to_string(i), data);
  Json reply = query(partition, {{"type", "pr"}});
  CHECK(ids_of(reply) == std::vector<std::string>{"pr-1", "pr-2"});
  CHECK(reply.at("next") == "pr-2");
  reply = query(partition, {{"type", "pr"}, {"after", "pr-4"}});
  CHECK(ids_of(reply) == std::vector<std::string>{"pr-5"});
}

TEST_CASE(
    "documents.query refuses a commit that the snapshot does not have (users read their own "
    "writes)") {
  Partition partition;
  put(partition, "pr-1");
  const auto have = partition.database->commit_seq();
  CHECK(query(partition, {{"type", "pr"}, {"commit_seq", have}}).at("commit_seq") == have);
  const auto refused = try_query(partition, {{"type", "pr"}, {"commit_seq", have + 1}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "query.ahead");
  CHECK(refused.error().kind == ErrorClass::busy);
}

TEST_CASE("documents.query names the field that is wrong") {
  CHECK(error_of(Json::object()).field == "params.type");
  CHECK(error_of({{"type", ""}}).field == "params.type");
  CHECK(error_of({{"type", 7}}).field == "params.type");
  CHECK(error_of({{"type", "pr"}, {"id", ""}}).field == "params.id");
  CHECK(error_of({{"type", "pr"}, {"id", std::string(limits::kEntityIdBytesMax + 1, 'x')}}).field ==
        "params.id");
  CHECK(error_of({{"type", "pr"}, {"id", "a"}, {"after", "b"}}).field == "params.after");
  CHECK(error_of({{"type", "pr"}, {"limit", 0}}).field == "params.limit");
  CHECK(error_of({{"type", "pr"}, {"limit", limits::kQueryDocumentsMax + 1}}).field ==
        "params.limit");
  CHECK(error_of({{"type", "pr"}, {"commit_seq", -1}}).field == "params.commit_seq");
  Partition partition;
  const auto refused = try_query(partition, {{"type", "contract"}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "entity.unknown_type");
  CHECK(refused.error().field == "params.type");
}

}  // namespace landfall::pull_test
