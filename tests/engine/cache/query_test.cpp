#include "engine/cache/run_query.hpp"

#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"
#include "tests/engine/cache/query_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"
#include "tests/engine/sync/pull_rig.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace landfall::pull_test {
namespace {

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
             {"as_of", "1970-01-01T00:00:00.001Z"},
             {"age_s", 1},
             {"is_fresh", true},
             {"source", "cache"},
             {"documents", Json::array({{{"entity_type", "pr"},
                                         {"fetched_at", "1970-01-01T00:00:00.001Z"},
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
  CHECK(view.at("fetched_at").is_null());
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
  CHECK(ids_of(reply).back() == "pr-31");
  reply = query(partition, {{"type", "pr"}, {"limit", 22}, {"after", reply.at("next")}});
  CHECK(ids_of(reply).front() == "pr-32");
  CHECK(ids_of(reply).back() == "pr-53");
  reply = query(partition, {{"type", "pr"}, {"limit", 22}, {"after", reply.at("next")}});
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
  reply = query(partition, {{"type", "pr"}, {"after", reply.at("next")}});
  CHECK(ids_of(reply) == std::vector<std::string>{"pr-3", "pr-4"});
  reply = query(partition, {{"type", "pr"}, {"after", reply.at("next")}});
  CHECK(ids_of(reply) == std::vector<std::string>{"pr-5"});
  CHECK_FALSE(reply.contains("next"));
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
  CHECK(error_of({{"type", "contract"}}).code == "entity.unknown_type");
  CHECK(error_of({{"type", "contract"}}).field == "params.type");
}

}  // namespace landfall::pull_test
