#include "engine/store/database.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <array>
#include <filesystem>
#include <string>

#include "tests/engine/store/fault_vfs.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

Error open_error(const std::string& path,
                 std::span<const schema::Migration> migrations = kTestMigrations,
                 std::string_view vfs = "") {
  auto database = Database::open({path, std::string(vfs), migrations});
  REQUIRE_FALSE(database.has_value());
  return database.error();
}

constexpr std::span<const schema::Migration> kFirstOnly(kTestMigrations.data(), 1);

// The tables of the file are those of its version, nothing between. Looks at a copy.
void check_whole_version(const std::string& path, const std::string& copy, int version_min) {
  copy_database(path, copy);
  const auto version = read_integer(copy, "PRAGMA user_version");
  const auto has = [&](const std::string& condition) {
    return read_integer(copy, "SELECT count(*) FROM sqlite_schema WHERE " + condition) != 0;
  };
  CHECK(version >= version_min);
  CHECK(version <= 3);
  CHECK(has("name='items'") == (version >= 1));
  CHECK(has("name='parts'") == (version >= 2));
  CHECK(has("name='items' AND sql LIKE '%note%'") == (version >= 3));
  CHECK_FALSE(has("name='items_new'"));
}

}  // namespace

TEST_CASE("INV-S7: an old file gets the migrations that are missing and keeps its rows") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  REQUIRE(add_item(*open_database(path, "", kFirstOnly), "one"));
  CHECK(read_integer(path, "PRAGMA user_version") == 1);
  {
    auto database = open_database(path);
    CHECK(has_item(*database, "one"));
    CHECK(database->commit_seq() == 1);
    REQUIRE(database->write("t.part", Durability::durable, [](Transaction& transaction) -> Status {
      LANDFALL_TRY(transaction.run("INSERT INTO parts(item) SELECT id FROM items"));
      return {};
    }));
  }
  CHECK(read_integer(path, "PRAGMA user_version") == 2);
}

TEST_CASE(
    "INV-S1 INV-S7: a failure at any change of a migration leaves one version or the next, and "
    "opening again ends it") {
  const std::array<schema::Migration, 3> migrations{{
      kTestMigrations[0],
      kTestMigrations[1],
      {3, "0003_rebuild",
       "CREATE TABLE items_new(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB, note "
       "TEXT);"
       "INSERT INTO items_new SELECT id, name, body, 'kept' FROM items;"
       "DROP TABLE items; ALTER TABLE items_new RENAME TO items;"},
  }};
  const bool is_new = GENERATE(false, true);
  const int fail_count = GENERATE(1, -1);
  int runs = 0;
  for (int at = 0;; ++at) {
    TemporaryDirectory directory;
    const std::string path = directory.file("a.db");
    FaultVfs vfs;
    if (!is_new) REQUIRE(add_item(*open_database(path, vfs.name(), kFirstOnly), "one"));
    vfs.fail_at_change = vfs.changes + at;
    vfs.fail_count = fail_count;
    if (Database::open({path, vfs.name(), migrations})) break;
    ++runs;
    vfs.fail_at_change = -1;
    check_whole_version(path, directory.file("copy.db"), is_new ? 0 : 1);
    auto database = open_database(path, vfs.name(), migrations);
    CHECK(has_item(*database, "one") == !is_new);
    CHECK(database->integrity_check().has_value());
    CHECK(database->foreign_key_check().has_value());
    database.reset();
    CHECK(read_integer(path, "PRAGMA user_version") == 3);
  }
  CHECK(runs >= 6);
}

TEST_CASE("a migration that ends its own transaction is refused") {
  TemporaryDirectory directory;
  const std::array<schema::Migration, 1> migrations{
      {{1, "0001_bad", "CREATE TABLE t(x); COMMIT;"}}};
  CHECK(open_error(directory.file("a.db"), migrations).code == "store.migration");
}

TEST_CASE("INV-S6: a newer database is refused and not one byte of it changes") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  REQUIRE(add_item(*open_database(path), "one"));
  const std::string before = read_file(path);
  const Error error = open_error(path, kFirstOnly);
  CHECK(error.code == "store.newer");
  CHECK(error.kind == ErrorClass::refused);
  CHECK(error.message.find("version 2") != std::string::npos);
  CHECK(read_file(path) == before);
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  CHECK(has_item(*open_database(path), "one"));
}

TEST_CASE(
    "INV-S6: a newer database with commits in its log is refused, and file and log stay as they "
    "are") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  const std::string copy = directory.file("copy.db");
  auto database = open_database(path);
  REQUIRE(add_item(*database, "one"));
  copy_database(path, copy);
  const std::string before = read_file(copy);
  const std::string log = read_file(copy + "-wal");
  REQUIRE_FALSE(log.empty());
  CHECK(open_error(copy, kFirstOnly).code == "store.newer");
  CHECK(read_file(copy) == before);
  CHECK(read_file(copy + "-wal") == log);
  CHECK(has_item(*open_database(copy), "one"));
}

TEST_CASE("INV-S4: what is no database, or not ours, is store.corrupt and stays as it is") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  SECTION("text") { write_file(path, std::string(8192, 'x')); }
  SECTION("a few bytes") { write_file(path, "hello"); }
  SECTION("another app's database") {
    run_sql(path, "CREATE TABLE bookmarks(url); INSERT INTO bookmarks VALUES('x')");
  }
  SECTION("another app's database with a mark of its own") {
    run_sql(path, "PRAGMA application_id=77; PRAGMA user_version=9; CREATE TABLE t(x)");
  }
  SECTION("a database of ours, cut") {
    CHECK(add_item(*open_database(path), "one"));
    write_file(path, read_file(path).substr(0, 5000));
  }
  const std::string before = read_file(path);
  const Error error = open_error(path);
  CHECK(error.code == "store.corrupt");
  CHECK(error.kind == ErrorClass::corrupt);
  CHECK(read_file(path) == before);
}

TEST_CASE("an empty file is a new database") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  write_file(path, "");
  CHECK(add_item(*open_database(path), "one"));
}

TEST_CASE("a path that cannot be opened is store.unavailable") {
  TemporaryDirectory directory;
  CHECK(open_error(directory.file("missing/a.db")).code == "store.unavailable");
  CHECK(open_error(directory.path()).code == "store.unavailable");
  CHECK(open_error(directory.file(std::string(4096, 'a'))).code == "store.unavailable");
  CHECK(open_error(directory.file("a.db"), kTestMigrations, "no-such-vfs").code ==
        "store.statement");
}

TEST_CASE("a counter row that a migration left out is made; its number then rises as ever") {
  TemporaryDirectory directory;
  const std::array<schema::Migration, 1> migrations{
      {{1, "0001_initial",
        "CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL);"
        "CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB);"}}};
  auto database = open_database(directory.file("a.db"), "", migrations);
  CHECK(database->commit_seq() == 0);
  REQUIRE(add_item(*database, "one"));
  CHECK(database->commit_seq() == 1);
}
