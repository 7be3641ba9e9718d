// What may stand in the place of a database (reliability 4, "DB files"): it is refused before it is
// used, by a code, and neither it nor its log is touched; nothing in it runs.

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "engine/base/random.hpp"
#include "engine/store/connection.hpp"
#include "engine/store/meta_table.hpp"
#include "engine/store/page_checksums.hpp"
#include "tests/engine/store/fault_vfs.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr int kItems = 60;

// Without real syncs, which would be most of these tests' time.
FaultVfs& vfs() {
  static FaultVfs without_syncs;
  return without_syncs;
}

std::string name_of(int number) {
  return std::string(300, static_cast<char>('a' + number % 26)) + std::to_string(number);
}

Result<std::unique_ptr<Database>> try_open(
    const std::string& path, std::span<const schema::Migration> migrations = kTestMigrations) {
  return Database::open({path, vfs().name(), migrations});
}

// A database of several pages, closed.
struct SoundFile {
  SoundFile() {
    auto database = open_database(path, vfs().name());
    for (int i = 0; i < kItems; ++i) REQUIRE(add_item(*database, name_of(i), Durability::ordered));
    database.reset();
    bytes = read_file(path);
    REQUIRE(bytes.size() > 6 * kPageBytes);
  }

  void put(std::string_view other) const {
    std::filesystem::remove(path + "-wal");
    write_file(path, other);
  }

  TemporaryDirectory directory;
  std::string path = directory.file("a.db");
  std::string bytes;
};

// Every name in the file, read row by row; the error of whatever keeps them from being read.
Result<std::vector<std::string>> names_in(const std::string& path) {
  LANDFALL_TRY_ASSIGN(auto database, try_open(path));
  LANDFALL_TRY(database->integrity_check());
  return database->read([](const Snapshot& snapshot) -> Result<std::vector<std::string>> {
    LANDFALL_TRY_ASSIGN(Rows rows, snapshot.select("SELECT name FROM items ORDER BY id"));
    return rows.all([](const Rows& row) { return std::string(row.text(0)); });
  });
}

void check_corrupt(const std::string& path,
                   std::span<const schema::Migration> migrations = kTestMigrations) {
  const std::string before = read_file(path);
  const std::string log = read_file(path + "-wal");
  const auto opened = try_open(path, migrations);
  REQUIRE_FALSE(opened.has_value());
  INFO(opened.error().message);
  CHECK(opened.error().code == "store.corrupt");
  CHECK(opened.error().kind == ErrorClass::corrupt);
  CHECK(opened.error().message.size() <= 2 * kQuotedInputBytesMax);
  CHECK(read_file(path) == before);
  CHECK(read_file(path + "-wal") == log);
}

// Writes a page with the checksum that belongs to it, as who prepares a file would.
void write_page(const std::string& path, std::size_t number, const std::string& page) {
  const PageChecksums checksums("unix");
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE,
                          checksums.vfs_name().c_str()) == SQLITE_OK);
  sqlite3_file* file = nullptr;
  REQUIRE(sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK);
  std::string first(kPageBytes, '\0');
  // The header says that the file has checksums.
  REQUIRE(file->pMethods->xRead(file, first.data(), static_cast<int>(kPageBytes), 0) == SQLITE_OK);
  const auto offset = static_cast<sqlite3_int64>(number * kPageBytes);
  REQUIRE(file->pMethods->xWrite(file, page.data(), static_cast<int>(page.size()), offset) ==
          SQLITE_OK);
  sqlite3_close(handle);
}

int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("INV-S4: a file that ends at any 512 bytes is store.corrupt before a row of it is used") {
  const SoundFile file;
  for (std::size_t size = 512; size < file.bytes.size(); size += 512) {
    INFO("cut to " << size);
    file.put(file.bytes.substr(0, size));
    const bool in_last_page = size > file.bytes.size() - kPageBytes;
    if (!in_last_page) {
      check_corrupt(file.path);
      continue;
    }
    // Nothing but that page itself says so: it is found when it is read.
    const auto read = names_in(file.path);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == "store.corrupt");
    CHECK(read_file(file.path) == file.bytes.substr(0, size));
  }
}

TEST_CASE("INV-S4: with any bit of a file changed every row reads as it was, or none does") {
  const SoundFile file;
  const auto names = names_in(file.path);
  REQUIRE(names.has_value());
  REQUIRE(names->size() == kItems);
  Random random(21);
  int found = 0;
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t at = random.below(file.bytes.size());
    std::string changed = file.bytes;
    changed[at] =
        static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << random.below(8)));
    INFO("byte " << at);
    file.put(changed);
    const auto read = names_in(file.path);
    if (read) {
      CHECK(*read == *names);
      continue;
    }
    ++found;
    CHECK(read.error().code == "store.corrupt");
  }
  CHECK(found > kRounds / 2);
}

TEST_CASE("INV-S4: with any bit of a log changed what is read is a beginning of what was written") {
  const SoundFile file;
  auto database = open_database(file.path, vfs().name());
  for (int i = 0; i < 10; ++i) REQUIRE(add_item(*database, "late " + std::to_string(i)));
  const std::string log = read_file(file.path + "-wal");
  database.reset();
  Random random(22);
  const std::string copy = file.directory.file("copy.db");
  for (int round = 0; round < 100; ++round) {
    std::string changed = log;
    const std::size_t at = random.below(log.size());
    changed[at] =
        static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << random.below(8)));
    INFO("byte " << at);
    write_file(copy, file.bytes);
    write_file(copy + "-wal", changed);
    const auto read = names_in(copy);
    if (!read) {
      CHECK(read.error().code == "store.corrupt");
      continue;
    }
    REQUIRE(read->size() >= kItems);
    for (std::size_t i = kItems; i < read->size(); ++i)
      CHECK((*read)[i] == "late " + std::to_string(i - kItems));
  }
}

TEST_CASE("INV-S4: a prepared page with a right checksum neither crashes the engine nor hangs it") {
  const SoundFile file;
  Random random(23);
  int refused = 0;
  for (int round = 0; round < 50; ++round) {
    file.put(file.bytes);
    const std::size_t number = random.below(file.bytes.size() / kPageBytes);
    std::string page = file.bytes.substr(number * kPageBytes, kPageBytes);
    // Headers of pages, the pointers to cells and their beginnings: what SQLite finds its way by.
    const std::size_t begin = number == 0 ? 16 : 0;
    for (int i = 0; i < 4; ++i)
      page[begin + random.below(120)] = static_cast<char>(random.below(256));
    write_page(file.path, number, page);
    INFO("round " << round << ", page " << number);
    const std::string prepared = read_file(file.path);
    const auto opened = try_open(file.path);
    if (!opened) CHECK(read_file(file.path) == prepared);
    const auto read = names_in(file.path);
    if (!read) ++refused;
  }
  CHECK(refused > 12);
}

TEST_CASE("INV-S4: a header that says what cannot be is refused, also with a right checksum") {
  struct Claim {
    std::string what;
    std::size_t at;
    std::string bytes;
  };
  const SoundFile file;
  const std::vector<Claim> claims = {
      {"two thousand million pages", 28, "\x7f\xff\xff\xff"},
      {"one page more than there is", 28,
       std::string("\0\0\0", 3) + static_cast<char>(file.bytes.size() / kPageBytes + 1)},
      {"pages of 512 bytes", 16, std::string("\x02\0", 2)},
      {"pages of 64 KiB", 16, std::string("\0\x01", 2)},
      {"pages of 3 bytes", 16, std::string("\0\x03", 2)},
      {"another application", 68, "APP!"},
      {"a version below zero", 60, "\xff\xff\xff\xff"},
      {"another mark of the file", 0, "SQLite format 4"},
  };
  for (const Claim& claim : claims) {
    INFO(claim.what);
    file.put(file.bytes);
    std::string page = file.bytes.substr(0, kPageBytes);
    write_page(file.path, 0, page.replace(claim.at, claim.bytes.size(), claim.bytes));
    check_corrupt(file.path);
  }
}

TEST_CASE("INV-S4: a schema that would run something is store.corrupt before anything of it runs") {
  const std::map<std::string, std::string> schemas = {
      {"a trigger", "CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; END"},
      {"a view", "CREATE VIEW v AS SELECT 1"},
      {"a view in the place of a table",
       "ALTER TABLE items RENAME TO hidden; CREATE VIEW items AS SELECT * FROM hidden"},
      {"a column that is computed", "ALTER TABLE items ADD COLUMN c AS (hex(zeroblob(9999)))"},
      {"a column that is computed and kept",
       "CREATE TABLE other(x, y AS (hex(zeroblob(9999))) STORED)"},
      {"a virtual table", "CREATE VIRTUAL TABLE other USING fts5(x)"},
      {"a text that is no schema",
       "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql='CREATE TABLE items(' "
       "WHERE name='items'"},
  };
  const SoundFile file;
  for (const auto& [what, sql] : schemas) {
    INFO(what);
    file.put(file.bytes);
    run_sql(file.path, sql);
    check_corrupt(file.path);
  }
}

TEST_CASE("INV-S4: the log of another installation is found before it is moved into the file") {
  TemporaryDirectory directory;
  const auto make = [&](const std::string& name) {
    auto database = open_database(directory.file(name), vfs().name(), schema::device_migrations());
    REQUIRE(database->write("t.id", Durability::durable, [&](Transaction& tx) {
      return MetaTable::set(tx, "install_id", name);
    }));
    return database;
  };
  const std::string path = directory.file("one.db");
  make("one.db").reset();
  const auto other = make("other.db");
  write_file(path + "-wal", read_file(directory.file("other.db-wal")));
  REQUIRE(read_file(path + "-wal").size() > kPageBytes);
  check_corrupt(path, schema::device_migrations());
  // Without it the file is what it was.
  std::filesystem::remove(path + "-wal");
  auto database = open_database(path, vfs().name(), schema::device_migrations());
  const auto id = database->read(
      [](const Snapshot& snapshot) { return MetaTable::get(snapshot, "install_id"); });
  CHECK(id == std::optional<std::string>{"one.db"});
}

TEST_CASE("INV-S4: an old log that came back is found by the commits that it takes back") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a b%41?c#.db");
  auto database = open_database(path, vfs().name());
  REQUIRE(add_item(*database, "early"));
  const std::string old_log = read_file(path + "-wal");
  REQUIRE(database->checkpoint(CheckpointMode::truncate));
  REQUIRE(add_item(*database, "late"));
  const std::string own_log = read_file(path + "-wal");
  const std::string file = read_file(path);
  database.reset();
  const std::string closed = read_file(path);

  write_file(path, closed);
  write_file(path + "-wal", old_log);
  check_corrupt(path);
  // Its own log is none of that.
  write_file(path, file);
  write_file(path + "-wal", own_log);
  CHECK(has_item(*open_database(path, vfs().name()), "late"));
}

TEST_CASE("a link in the place of a database is refused, and what it leads to stays as it is") {
  const SoundFile file;
  const std::string link = file.directory.file("link.db");
  std::filesystem::create_symlink(file.path, link);
  const auto opened = try_open(link);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == "store.unavailable");
  CHECK(opened.error().kind == ErrorClass::refused);
  CHECK(read_file(file.path) == file.bytes);

  const std::string nowhere = file.directory.file("nowhere.db");
  std::filesystem::create_symlink(file.directory.file("not there"), nowhere);
  CHECK_FALSE(try_open(nowhere).has_value());
  CHECK_FALSE(std::filesystem::exists(file.directory.file("not there")));

  // A link above is the system's own affair.
  const std::string above = file.directory.file("above");
  std::filesystem::create_directory_symlink(file.directory.path(), above);
  CHECK(names_in(above + "/a.db").has_value());
}

TEST_CASE("a file without write permission is directory.unwritable and stays as it is") {
  const SoundFile file;
  REQUIRE(::chmod(file.directory.path().c_str(), 0777) == 0);
  REQUIRE(::chmod(file.path.c_str(), 0444) == 0);
  // Permissions do not bind root, so that root becomes somebody else first.
  const int code = in_child([&] {
    if (::getuid() == 0 && ::setuid(65534) != 0) return 2;
    const auto opened = Database::open({file.path, "", kTestMigrations});
    return !opened && opened.error().code == "directory.unwritable" ? 0 : 1;
  });
  CHECK(code == 0);
  CHECK(read_file(file.path) == file.bytes);
}

TEST_CASE("every limit and switch is set on both kinds of connection, and reads back") {
  const SoundFile file;
  const std::vector<std::pair<int, int>> limits = {
      {SQLITE_LIMIT_LENGTH, 32 * 1024 * 1024},
      {SQLITE_LIMIT_SQL_LENGTH, 256 * 1024},
      {SQLITE_LIMIT_COLUMN, 128},
      {SQLITE_LIMIT_EXPR_DEPTH, 64},
      {SQLITE_LIMIT_COMPOUND_SELECT, 16},
      {SQLITE_LIMIT_VDBE_OP, 250'000},
      {SQLITE_LIMIT_FUNCTION_ARG, 16},
      {SQLITE_LIMIT_ATTACHED, 0},
      {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 256},
      {SQLITE_LIMIT_VARIABLE_NUMBER, 256},
      {SQLITE_LIMIT_TRIGGER_DEPTH, 8},
      {SQLITE_LIMIT_WORKER_THREADS, 0},
  };
  const std::vector<std::pair<int, int>> switches = {
      {SQLITE_DBCONFIG_DEFENSIVE, 1},       {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},  {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
      {SQLITE_DBCONFIG_ENABLE_FKEY, 1},     {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
      {SQLITE_DBCONFIG_DQS_DML, 0},         {SQLITE_DBCONFIG_DQS_DDL, 0},
      {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
  };
  for (const auto role : {Connection::Role::writer, Connection::Role::reader}) {
    const auto connection = Connection::open(file.path, vfs().name(), role);
    REQUIRE(connection.has_value());
    for (const auto& [id, value] : limits) {
      INFO("limit " << id);
      CHECK(sqlite3_limit((*connection)->handle(), id, -1) == value);
    }
    for (const auto& [id, value] : switches) {
      INFO("switch " << id);
      int now = -1;
      REQUIRE(sqlite3_db_config((*connection)->handle(), id, -1, &now) == SQLITE_OK);
      CHECK(now == value);
    }
  }
}
