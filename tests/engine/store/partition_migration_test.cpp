#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "engine/notify/notification.hpp"
#include "engine/store/notification_table.hpp"
#include "schema/embedded.hpp"
#include "tests/engine/cache/tier_rig.hpp"
#include "tests/engine/sync/lane_rows.hpp"

namespace landfall::pull_test {
namespace {

// The rig's file as the first version would have written it: its tables, and of each row what they
// have room for.
void write_as_first_version(TierRig& rig) {
  const std::string path = rig.directory.file("partition.db");
  const std::string old = rig.directory.file("old.db");
  rig.database.reset();
  test::open_database(old, "", schema::partition_migrations().first(1)).reset();
  test::run_sql(
      old,
      "ATTACH '" + path +
          "' AS later;"
          "DELETE FROM counters;"
          "INSERT INTO counters SELECT * FROM later.counters WHERE name NOT LIKE 'cache.%';"
          "INSERT INTO documents SELECT rowid, entity_type, entity_id, row_version, updated_ms,"
          " deleted, scope, pull_round, stored_ms, bytes, body FROM later.documents;"
          "INSERT INTO operations SELECT * FROM later.operations;");
  for (const char* log : {"-wal", "-shm"}) {
    std::filesystem::remove(path + log);
    std::filesystem::remove(old + log);
  }
  std::filesystem::rename(old, path);
  REQUIRE(test::read_integer(path, "PRAGMA user_version") == 1);
  REQUIRE(test::read_integer(path,
                             "SELECT count(*) FROM pragma_table_info('documents')"
                             " WHERE name = 'tier'") == 0);
}

std::size_t waiting(TierRig& rig) {
  return rig
      .read([](const store::Snapshot& snapshot) {
        return store::NotificationTable::waiting(snapshot);
      })
      .size();
}

}  // namespace

TEST_CASE("INV-S7: a partition of version 1 keeps its rows, gets its tiers and takes pushes") {
  TierRig rig;
  rig.store("approval", "a-1", 300);
  rig.store("pr", "pr-1", 200);
  rig.store("pr", "pr-2", 100);
  rig.remove("pr", "pr-2");
  add_operation(rig, {1, {"pr", "pr-1"}, "update"});
  const auto before = rig.status();
  const auto approval = rig.document({"approval", "a-1"});
  REQUIRE(approval);
  write_as_first_version(rig);

  rig.reopen();
  CHECK(rig.number("SELECT value FROM counters WHERE name = 'outbox.names_unread'") == 1);
  rig.open();
  const auto kept = rig.document({"approval", "a-1"});
  REQUIRE(kept);
  CHECK(kept->data == approval->data);
  CHECK(kept->row_version == approval->row_version);
  CHECK(rig.number("SELECT count(*) FROM documents") == 3);
  CHECK(rig.number("SELECT count(*) FROM operations") == 1);
  CHECK(rig.status().pinned.sums == before.pinned.sums);
  CHECK(rig.status().on_demand.sums == before.on_demand.sums);
  rig.check_sums();
  CHECK(waiting(rig) == 0);
  notify::Notification push;
  push.id = "n-1";
  push.type = "KPI_ALERT";
  push.received_at = rig.now;
  (void)rig.write([&](store::Transaction& tx) {
    return store::NotificationTable::insert(tx, rig.outbox_key, push, {"KPI", "", std::nullopt});
  });
  CHECK(waiting(rig) == 1);
  rig.database.reset();
  CHECK(test::read_integer(rig.directory.file("partition.db"), "PRAGMA user_version") ==
        static_cast<std::int64_t>(schema::partition_migrations().size()));
}

}  // namespace landfall::pull_test
