#include "engine/store/database.hpp"

#include <catch2/catch.hpp>

#include <string>

#include "tests/engine/store/fault_vfs.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

TEST_CASE(
    "a durable commit syncs the log once, an ordered one never, through many changes both ways") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  REQUIRE(add_item(*database, "first"));
  const int file_syncs = vfs.file_syncs;
  int name = 0;
  for (int round = 0; round < 30; ++round) {
    for (int repeat = 0; repeat <= round % 3; ++repeat) {
      const int before = vfs.log_syncs;
      REQUIRE(add_item(*database, std::to_string(++name), Durability::ordered));
      CHECK(vfs.log_syncs == before);
    }
    for (int repeat = 0; repeat <= round % 2; ++repeat) {
      const int before = vfs.log_syncs;
      REQUIRE(add_item(*database, std::to_string(++name), Durability::durable));
      CHECK(vfs.log_syncs == before + 1);
    }
  }
  CHECK(vfs.file_syncs == file_syncs);
}

TEST_CASE("a durable write that changes nothing still makes the ordered ones before it durable") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  REQUIRE(add_item(*database, "one", Durability::ordered));
  const int before = vfs.log_syncs;
  REQUIRE(
      database->write("t.nothing", Durability::durable, [](Transaction&) -> Status { return {}; }));
  CHECK(vfs.log_syncs == before + 1);
}

namespace {

// A step that was begun as ordered, and finds on its way that it must be durable.
Status add_made_durable(Database& database, const std::string& name) {
  return database.write("t.made_durable", Durability::ordered, [&](Transaction& tx) -> Status {
    LANDFALL_TRY(tx.run("INSERT INTO items (name) VALUES (?1)", name));
    tx.make_durable();
    return {};
  });
}

}  // namespace

TEST_CASE("an ordered step that makes itself durable is synced once, with those before it") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  REQUIRE(add_item(*database, "one", Durability::ordered));
  const int before = vfs.log_syncs;
  const auto seq = database->commit_seq();
  REQUIRE(add_made_durable(*database, "two"));
  CHECK(vfs.log_syncs == before + 1);
  CHECK(database->commit_seq() == seq + 1);
  // Nothing is left to sync.
  REQUIRE(
      database->write("t.nothing", Durability::durable, [](Transaction&) -> Status { return {}; }));
  CHECK(vfs.log_syncs == before + 1);
  REQUIRE(add_item(*database, "three", Durability::ordered));
  CHECK(vfs.log_syncs == before + 1);
}

TEST_CASE("INV-S5: where the sync of a step that made itself durable fails, it is unknown") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  FaultVfs vfs;
  auto database = open_database(path, vfs.name());
  REQUIRE(add_item(*database, "one"));
  const auto seq = database->commit_seq();
  vfs.fail_at_change = vfs.changes.load();
  vfs.fail_count = 1;
  vfs.fails_syncs_only = true;
  const Status unknown = add_made_durable(*database, "two");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().code == "store.commit_unknown");
  CHECK(unknown.error().kind == ErrorClass::indeterminate);
  CHECK(database->is_broken());
  CHECK(database->commit_seq() == seq);
  CHECK(add_item(*database, "three").error().code == "store.broken");
  database.reset();
  database = open_database(path, vfs.name());
  CHECK(has_item(*database, "one"));
  CHECK_FALSE(has_item(*database, "three"));
}

TEST_CASE("a write that fails before its commit changes no file") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  REQUIRE(add_item(*database, "one"));
  const int before = vfs.changes;
  CHECK_FALSE(add_item(*database, "one").has_value());
  CHECK(vfs.changes == before);
}

TEST_CASE("commits never touch the database file; a checkpoint does, and syncs both files") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  const int before = vfs.file_writes;
  for (int i = 0; i < 3000; ++i)
    REQUIRE(add_item(*database, std::to_string(i), Durability::ordered));
  CHECK(vfs.file_writes == before);
  const int log_syncs = vfs.log_syncs;
  const int file_syncs = vfs.file_syncs;
  REQUIRE(database->checkpoint(CheckpointMode::passive));
  CHECK(vfs.file_writes > before);
  CHECK(vfs.log_syncs > log_syncs);
  CHECK(vfs.file_syncs == file_syncs + 1);
}

TEST_CASE(
    "INV-S5: a sync that fails in a commit makes it unknown, and every later write is refused "
    "without a change") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  FaultVfs vfs;
  auto database = open_database(path, vfs.name());
  REQUIRE(add_item(*database, "one"));
  const auto seq = database->commit_seq();
  vfs.fail_at_change = vfs.changes.load();
  vfs.fail_count = 1;
  vfs.fails_syncs_only = true;
  const Status unknown = add_item(*database, "two");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().code == "store.commit_unknown");
  CHECK(unknown.error().kind == ErrorClass::indeterminate);
  CHECK(unknown.error().message.find("items.add") != std::string::npos);
  CHECK(database->is_broken());
  CHECK(database->commit_seq() == seq);

  const int changes = vfs.changes;
  for (const auto durability : {Durability::durable, Durability::ordered}) {
    const Status refused = add_item(*database, "three", durability);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == "store.broken");
    CHECK(refused.error().kind == ErrorClass::refused);
  }
  CHECK(database->checkpoint(CheckpointMode::passive).error().code == "store.broken");
  CHECK(has_item(*database, "one"));
  database.reset();
  CHECK(vfs.changes == changes);

  database = open_database(path, vfs.name());
  CHECK(has_item(*database, "one"));
  CHECK_FALSE(has_item(*database, "three"));
  CHECK(add_item(*database, "four"));
  CHECK(database->integrity_check().has_value());
}

TEST_CASE(
    "INV-S5: a commit that fails at any of its changes is unknown, or refused for want of room, "
    "and "
    "the file opens whole or not at all changed") {
  int found = 0;
  int runs = 0;
  int refused = 0;
  for (const int fault : {SQLITE_IOERR_WRITE, SQLITE_FULL}) {
    for (int at = 0;; ++at) {
      TemporaryDirectory directory;
      const std::string path = directory.file("a.db");
      FaultVfs vfs;
      auto database = open_database(path, vfs.name());
      REQUIRE(add_item(*database, "one"));
      vfs.fault = fault;
      vfs.fail_count = 1;
      vfs.fail_at_change = vfs.changes + at;
      const Status status = add_item(*database, "two");
      if (status) break;
      ++runs;
      // Without room the last frame was not written, so that the commit certainly is not there.
      const bool is_refused = status.error().code == "storage.full";
      if (is_refused) {
        ++refused;
        CHECK(fault == SQLITE_FULL);
        CHECK_FALSE(database->is_broken());
        CHECK_FALSE(has_item(*database, "two"));
      } else {
        CHECK(status.error().code == "store.commit_unknown");
        CHECK(database->is_broken());
      }
      database.reset();
      vfs.fail_at_change = -1;
      database = open_database(path, vfs.name());
      CHECK(has_item(*database, "one"));
      if (is_refused) CHECK_FALSE(has_item(*database, "two"));
      if (has_item(*database, "two")) ++found;
      CHECK(database->commit_seq() == (has_item(*database, "two") ? 2U : 1U));
      CHECK(database->integrity_check().has_value());
      CHECK(add_item(*database, "three"));
    }
  }
  CHECK(runs >= 6);
  CHECK(refused >= 2);
  // A failed sync comes after the commit's last frame: what was reported as unknown did happen.
  CHECK(found >= 1);
}

TEST_CASE(
    "INV-S3: a full disk before the commit is storage.full, rolls back, and leaves the database "
    "usable") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  REQUIRE(add_item(*database, "one"));
  vfs.fault = SQLITE_FULL;
  vfs.fail_at_change = vfs.changes.load();
  // More than the page cache holds, so that pages are written before the commit.
  const auto status =
      database->write("t.large", Durability::durable, [](Transaction& transaction) -> Status {
        for (int i = 0; i < 5000; ++i) {
          LANDFALL_TRY(transaction.run("INSERT INTO items(name, body) VALUES(?1, randomblob(2000))",
                                       std::to_string(i) + "x"));
        }
        return {};
      });
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == "storage.full");
  CHECK(status.error().kind == ErrorClass::storage_full);
  CHECK_FALSE(database->is_broken());
  vfs.fail_at_change = -1;
  CHECK(add_item(*database, "two"));
  CHECK(count_items(*database) == 2);
  CHECK(database->integrity_check().has_value());
}

TEST_CASE("a step that ignores a failed statement cannot write on outside of its transaction") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  vfs.fault = SQLITE_FULL;
  const auto status =
      database->write("t.ignores", Durability::durable, [&](Transaction& transaction) -> Status {
        vfs.fail_at_change = vfs.changes.load();
        bool failed = false;
        for (int i = 0; i < 5000 && !failed; ++i) {
          failed = !transaction.run("INSERT INTO items(name, body) VALUES(?1, randomblob(2000))",
                                    std::to_string(i) + "x");
        }
        CHECK(failed);
        vfs.fail_at_change = -1;
        (void)transaction.run("INSERT INTO items(name) VALUES('stray')");
        return {};
      });
  CHECK_FALSE(status.has_value());
  CHECK_FALSE(has_item(*database, "stray"));
}

TEST_CASE("an I/O error in a step breaks the database") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  vfs.fail_at_change = vfs.changes.load();
  vfs.fault = SQLITE_IOERR_WRITE;
  const auto status =
      database->write("t.large", Durability::durable, [](Transaction& transaction) -> Status {
        for (int i = 0; i < 5000; ++i) {
          LANDFALL_TRY(transaction.run("INSERT INTO items(name, body) VALUES(?1, randomblob(2000))",
                                       std::to_string(i) + "x"));
        }
        return {};
      });
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == "store.io");
  CHECK(database->is_broken());
  CHECK(add_item(*database, "one").error().code == "store.broken");
}

TEST_CASE("a failed sync in a checkpoint breaks the database, a full disk in it does not") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  for (int i = 0; i < 200; ++i) REQUIRE(add_item(*database, std::to_string(i)));
  vfs.fault = SQLITE_FULL;
  vfs.fail_count = 1;
  vfs.fail_at_change = vfs.changes + 1;  // the first one syncs the log
  CHECK(database->checkpoint(CheckpointMode::passive).error().code == "storage.full");
  CHECK_FALSE(database->is_broken());
  CHECK(add_item(*database, "after"));
  vfs.fails_syncs_only = true;
  vfs.fail_count = 1;
  vfs.fail_at_change = vfs.changes.load();
  CHECK(database->checkpoint(CheckpointMode::passive).error().code == "store.io");
  CHECK(database->is_broken());
  database.reset();
  vfs.fail_at_change = -1;
  database = open_database(directory.file("a.db"), vfs.name());
  CHECK(count_items(*database) == 201);
}

TEST_CASE(
    "what a database shows after a kill is on the medium: a log that is found is synced before "
    "anything is read") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  const std::string killed = directory.file("killed.db");
  FaultVfs vfs;
  auto database = open_database(path, vfs.name());
  REQUIRE(add_item(*database, "one", Durability::ordered));
  // The files as a killed process leaves them: the commit is in the log, and nothing was closed.
  copy_database(path, killed);

  const int log_syncs = vfs.log_syncs;
  const int file_syncs = vfs.file_syncs;
  auto reopened = open_database(killed, vfs.name());
  CHECK(vfs.log_syncs > log_syncs);
  CHECK(vfs.file_syncs > file_syncs);
  CHECK(has_item(*reopened, "one"));
  CHECK(reopened->commit_seq() == 1);

  // Without room in the file, the log itself is synced, and the database opens: a queue must drain
  // on a full disk.
  reopened.reset();
  copy_database(path, killed);
  vfs.fault = SQLITE_FULL;
  vfs.fail_at_change = vfs.changes + 1;
  vfs.fail_count = 1;
  const int syncs_before = vfs.log_syncs;
  reopened = open_database(killed, vfs.name());
  CHECK(vfs.log_syncs == syncs_before + 2);
  CHECK(has_item(*reopened, "one"));
}
