#include "simulator/oracles/failed_sync.hpp"

#include "engine/store/database.hpp"
#include "schema/embedded.hpp"
#include "tests/simulator/oracles/stage.hpp"
#include "tests/simulator/sqlite_session.hpp"

using namespace landfall;
using world::FaultMode;
using world::IoKind;

namespace {

constexpr const char* kPath = "/phone/partitions/a.db";

struct Syncs : oracles::Stage {
  oracles::FailedSync oracle;

  std::size_t found() {
    oracle.on_handled(world, phone);
    return violations("INV-S5").size();
  }
};

}  // namespace

TEST_CASE("INV-S5 oracle: what is written through a file behind its failed sync is named, once") {
  Syncs syncs;
  auto& disk = syncs.phone.disk();
  world::SqliteSession session(disk, kPath);
  REQUIRE(session.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(a)") ==
          SQLITE_OK);
  disk.fail_io(IoKind::sync, FaultMode::one_shot);
  REQUIRE(session.run("INSERT INTO t VALUES(1)") != SQLITE_OK);
  CHECK(syncs.found() == 0);
  REQUIRE(session.run("INSERT INTO t VALUES(2)") == SQLITE_OK);
  CHECK(syncs.found() == 1);
  CHECK(syncs.found() == 1);
}

TEST_CASE("INV-S5 oracle: the engine's store closes the file, and what is opened anew is clean") {
  Syncs syncs;
  auto& disk = syncs.phone.disk();
  const auto open = [&] {
    auto opened = store::Database::open({kPath, disk.vfs_name(), schema::partition_migrations()});
    REQUIRE(opened.has_value());
    return std::move(*opened);
  };
  const auto write = [](store::Database& database) {
    return database.write("test.meta", store::Durability::durable, [](store::Transaction& tx) {
      return tx.run("INSERT OR REPLACE INTO meta VALUES ('a', 'b')");
    });
  };
  auto database = open();
  disk.fail_io(IoKind::sync, FaultMode::one_shot);
  CHECK(write(*database).error().code == "store.commit_unknown");
  CHECK(write(*database).error().code == "store.broken");
  database.reset();
  database = open();
  CHECK(write(*database).has_value());
  CHECK(syncs.found() == 0);
}
