#include "simulator/oracles/kept_in_cache.hpp"

#include <memory>
#include <string>

#include "engine/base/random.hpp"
#include "engine/store/database.hpp"
#include "engine/store/page_checksums.hpp"
#include "schema/embedded.hpp"
#include "tests/simulator/oracles/stage.hpp"
#include "tests/simulator/sqlite_session.hpp"

using namespace landfall;

namespace {

struct Cached : oracles::Stage {
  oracles::KeptInCache oracle{book};
  EntityKey order;  // the server has it

  explicit Cached(const std::string& type = "pr") {
    watch(oracle);
    world.with_backend([&](backend::Backend& backend, Instant) {
      for (const auto& document : backend.documents()) {
        if (document.key.type == type) order = document.key;
      }
    });
    REQUIRE_FALSE(order.id.empty());
  }

  void hand_in_update(std::int64_t commit_seq) {
    const world::Intent intent{"op", order, "update", "{}", phone.user_id()};
    world.observe_intent(phone, intent);
    world.observe_acknowledged(phone, intent, Json{{"seq", 1}, {"commit_seq", commit_seq}});
  }
  // Goods are received against the order.
  void hand_in_naming(std::int64_t commit_seq) {
    const world::Intent intent{"receive",
                               {"grn", "g"},
                               "create",
                               R"({"lines":[1],"po_id":")" + order.id + R"("})",
                               phone.user_id()};
    world.observe_intent(phone, intent);
    world.observe_acknowledged(phone, intent, Json{{"seq", 1}, {"commit_seq", commit_seq}});
  }
  void view(std::int64_t commit_seq, bool there, Json row_version = 3) {
    Json documents = Json::array();
    if (there)
      documents.push_back({{"entity_type", order.type},
                           {"entity_id", order.id},
                           {"row_version", std::move(row_version)}});
    world.observe_view(phone, Json{{"type", order.type}, {"id", order.id}},
                       Json{{"documents", documents}, {"commit_seq", commit_seq}});
  }
  std::size_t found() { return violations("INV-S2").size(); }
};

void world_deletes(Cached& stage) {
  stage.world.with_backend([&](backend::Backend& backend, Instant now) {
    REQUIRE(backend.delete_as_other(stage.order, now).has_value());
  });
}

constexpr const char* kFile = "/phone/partitions/one.db";

struct File {
  world::MemoryDisk disk{[random = std::make_shared<Random>(7)] { return random->next(); }};
  oracles::OperationBook book;
  oracles::KeptInCache oracle{book};

  File() {
    auto database = store::Database::open({kFile, disk.vfs_name(), schema::partition_migrations()});
    REQUIRE(database.has_value());
  }
  void document(const std::string& id, int bytes, int tier = 2) {
    document_of(id, {bytes, bytes}, tier);
  }
  struct Sizes {
    int counted;
    int taken;  // by its row
  };
  void document_of(const std::string& id, Sizes sizes, int tier = 2) {
    const store::PageChecksums checksums(disk.vfs_name());
    world::SqliteSession session(checksums.vfs_name(), kFile);
    REQUIRE(
        session.run("INSERT INTO documents (entity_type, entity_id, row_version, updated_ms,"
                    " deleted, scope, pull_round, stored_ms, bytes, body, tier) VALUES ('pr', '" +
                    id + "', 1, 0, 0, '', 0, 0, " + std::to_string(sizes.counted) + ", zeroblob(" +
                    std::to_string(sizes.taken) + "), " + std::to_string(tier) + ")") == SQLITE_OK);
  }
};

}  // namespace

TEST_CASE("INV-S2 oracle: what was shown under a waiting operation stays as long as it waits") {
  Cached stage;
  stage.hand_in_update(10);
  stage.view(11, true);
  SECTION("gone, and the operation waits") {
    stage.view(12, false);
    CHECK(stage.found() == 1);
  }
  SECTION("gone, because the server has deleted it, and its tombstone too") {
    world_deletes(stage);
    stage.view(12, false);
    CHECK(stage.found() == 0);
    stage.world.with_backend([](backend::Backend& backend, Instant) { backend.purge_history(); });
    stage.view(13, false);
    CHECK(stage.found() == 0);
  }
  SECTION("only what the operation itself brings is left") {
    stage.view(12, true, nullptr);
    CHECK(stage.found() == 1);
  }
  SECTION("there as ever") {
    stage.view(12, true);
    CHECK(stage.found() == 0);
  }
  SECTION("an older picture that came late") {
    stage.view(10, false);
    CHECK(stage.found() == 0);
  }
  SECTION("the operation ended") {
    stage.tell("op", "cancelled");
    stage.view(12, false);
    CHECK(stage.found() == 0);
  }
  SECTION("the power went, and took what was not synced") {
    stage.world.observe_crash(stage.phone, true);
    stage.view(12, false);
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-S2 oracle: what a waiting operation names in its payload stays as well") {
  Cached stage("po");
  stage.hand_in_naming(10);
  stage.view(11, true);
  SECTION("gone, and the operation waits") {
    stage.view(12, false);
    CHECK(stage.found() == 1);
  }
  SECTION("there as ever") {
    stage.view(12, true);
    CHECK(stage.found() == 0);
  }
  SECTION("the operation ended") {
    stage.tell("receive", "cancelled");
    stage.view(12, false);
    CHECK(stage.found() == 0);
  }
}

TEST_CASE("INV-S2 oracle: what was thrown away before anybody needed it was free to go") {
  Cached stage;
  stage.view(9, true);
  stage.hand_in_update(10);
  stage.view(11, false);
  CHECK(stage.found() == 0);
}

TEST_CASE("INV-S2 oracle: tier 2 may be over its limit by one document and no more") {
  File file;
  CHECK(file.oracle.judge_sizes(file.disk, 1'000).empty());
  file.document("a", 900);
  file.document("b", 600);
  file.document("pinned", 5'000, 1);
  CHECK(file.oracle.judge_sizes(file.disk, 1'000).empty());
  file.document("c", 500);
  CHECK(file.oracle.judge_sizes(file.disk, 1'000) ==
        "tier 2 may hold 1000 bytes and one document, and /phone/partitions/one.db holds 2000 "
        "bytes, the largest document has 900");
}

TEST_CASE("INV-S2 oracle: a compressed document counts what it was, and none less than it takes") {
  File file;
  file.document("a", 900);
  SECTION("compressed") { file.document_of("b", {1'100, 80}); }
  SECTION("counted too low") { file.document_of("b", {80, 1'100}); }
  CHECK(file.oracle.judge_sizes(file.disk, 1'000).empty());
  file.document("c", 200);
  CHECK_FALSE(file.oracle.judge_sizes(file.disk, 1'000).empty());
}
