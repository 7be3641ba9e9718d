#include "engine/store/add_checksums.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/secure_random.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/page_checksums.hpp"
#include "engine/store/salvage.hpp"
#include "engine/store/sealer.hpp"
#include "tests/engine/store/fault_vfs.hpp"
#include "tests/engine/store/plain_database.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

constexpr int kOperations = 60;
constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kReservedAt = 20;

// The versions whose pages had no checksums.
std::span<const schema::Migration> migrations_before() {
  return schema::partition_migrations().first(7);
}

// A partition of the version before checksums, with rows in most of its tables.
class OldPartition {
 public:
  OldPartition() : key_(SecretKey::generate(random_), 1, random_) {
    const std::string made = directory.file("made.db");
    fill(made);
    write_without_checksums(made, path(), vfs.name(), migrations_before());
    rows = contents_of(path(), vfs.name());
    REQUIRE(rows.at("operations").size() == kOperations);
  }

  [[nodiscard]] std::string path() const { return directory.file("p.db"); }
  [[nodiscard]] Replacement replacement() const {
    return {directory.path(), path(), vfs.name(), Instant{5}};
  }
  Status add() {
    return add_checksums(system_files(), replacement(), schema::partition_migrations());
  }
  [[nodiscard]] std::unique_ptr<Database> open() const {
    return open_database(path(), vfs.name(), schema::partition_migrations());
  }
  Sealer& key() { return key_; }

  TemporaryDirectory directory;
  FaultVfs vfs;
  std::map<std::string, std::vector<std::string>> rows;

 private:
  void fill(const std::string& made) {
    auto database = open_database(made, vfs.name(), schema::partition_migrations());
    const auto filled = database->write("test.fill", Durability::ordered,
                                        [&](Transaction& tx) { return fill_tables(tx); });
    REQUIRE(filled.has_value());
  }

  Status fill_tables(Transaction& tx) {
    for (int number = 0; number <= kOperations; ++number) {
      sync::Operation operation;
      operation.id = make_id<OperationId>(Instant{1'000}, random_);
      operation.entity = {"pr", std::to_string(number)};
      operation.action = "create";
      const std::string body(static_cast<std::size_t>(number) * 100, 'x');
      LANDFALL_TRY(OperationTable::insert(tx, key_, operation, OperationHash{std::byte{7}},
                                          {"{\"text\":\"" + body + "\"}", std::nullopt}));
    }
    // A number that was given and is not there any more.
    LANDFALL_TRY(tx.run("DELETE FROM operations WHERE seq = (SELECT max(seq) FROM operations)"));
    LANDFALL_TRY(tx.run("INSERT INTO bases SELECT seq, 3, randomblob(700) FROM operations"));
    LANDFALL_TRY(
        tx.run("INSERT INTO documents SELECT seq, 'pr', entity_id, 1, 2, 0, 's', 1, 3, "
               "4000, randomblob(5000), 1, 1, 9 FROM operations"));
    LANDFALL_TRY(tx.run("INSERT INTO needed_creates SELECT seq, zeroblob(16) FROM operations"));
    LANDFALL_TRY(tx.run("INSERT INTO cursors VALUES ('s', 'c', 1, 1, 2)"));
    LANDFALL_TRY(tx.run("INSERT INTO aliases VALUES ('pr', 'local', 'server')"));
    LANDFALL_TRY(tx.run("INSERT INTO notices VALUES (9, zeroblob(16), 'failed', 'x', 1, 0)"));
    LANDFALL_TRY(tx.run("INSERT INTO meta VALUES ('name', 'value')"));
    return {};
  }

  SeededSecureRandom random_{{}};
  Sealer key_;
};

}  // namespace

TEST_CASE(
    "INV-Q1: a partition from before checksums is taken over with every row of every table, and "
    "the numbers that were given") {
  OldPartition old;
  REQUIRE(lacks_checksums(old.path(), old.vfs.name()));
  REQUIRE(old.add().has_value());
  CHECK(contents_of(old.path(), old.vfs.name()) == old.rows);
  const std::string bytes = read_file(old.path());
  CHECK(bytes[kReservedAt] == static_cast<char>(kPageChecksumBytes));
  CHECK_FALSE(lacks_checksums(old.path(), old.vfs.name()));
  CHECK_FALSE(std::filesystem::exists(new_path(old.replacement())));
  // The next opening has nothing to do.
  REQUIRE(old.add().has_value());
  CHECK(read_file(old.path()) == bytes);

  auto database = old.open();
  CHECK(database->integrity_check().has_value());
  database.reset();
  CHECK(read_integer(old.path(), "PRAGMA user_version") ==
        static_cast<std::int64_t>(schema::partition_migrations().size()));
  CHECK(read_integer(old.path(), "SELECT count(*) FROM operations") == kOperations);
}

TEST_CASE("INV-Q1: what a killed process left in the log of an old partition is taken over too") {
  OldPartition old;
  {
    PlainDatabase killed(old.path(), old.vfs.name());
    killed.leave_log();
    killed.run("INSERT INTO notices VALUES (10, zeroblob(16), 'blocked', 'late', 1, 0)");
  }
  REQUIRE(read_file(old.path() + "-wal").size() > kPageBytes);
  REQUIRE(old.add().has_value());
  CHECK(read_file(old.path() + "-wal").empty());
  CHECK(contents_of(old.path(), old.vfs.name()).at("notices").size() == 2);
  CHECK(old.open()->integrity_check().has_value());
}

TEST_CASE("an old partition behind a link is not taken over, and stays as it is") {
  OldPartition old;
  const std::string elsewhere = old.path() + ".elsewhere";
  std::filesystem::rename(old.path(), elsewhere);
  std::filesystem::create_symlink(elsewhere, old.path());
  const std::string before = read_file(elsewhere);
  const Status added = old.add();
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().code == "store.unavailable");
  CHECK(read_file(elsewhere) == before);
  CHECK(std::filesystem::is_symlink(old.path()));
}

TEST_CASE(
    "INV-S3: without room for a second file an old partition is used as it is, and later "
    "taken over") {
  OldPartition old;
  const std::string before = read_file(old.path());
  old.vfs.fault = SQLITE_FULL;
  old.vfs.fail_at_change = old.vfs.changes + 10;
  const Status added = old.add();
  old.vfs.fail_at_change = -1;
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().code == "storage.full");
  CHECK(read_file(old.path()) == before);
  CHECK_FALSE(std::filesystem::exists(new_path(old.replacement())));
  {
    auto database = old.open();
    CHECK(database->integrity_check().has_value());
    REQUIRE(
        database
            ->write("test.add", Durability::durable,
                    [](Transaction& tx) { return tx.run("INSERT INTO meta VALUES ('more', 'x')"); })
            .has_value());
  }
  CHECK(read_file(old.path())[kReservedAt] == 0);
  REQUIRE(old.add().has_value());
  CHECK(read_file(old.path())[kReservedAt] == static_cast<char>(kPageChecksumBytes));
  CHECK(read_integer(old.path(), "SELECT count(*) FROM meta") == 2);
  CHECK(read_integer(old.path(), "SELECT count(*) FROM operations") == kOperations);
}

TEST_CASE("INV-S4: a damaged page of an old partition is store.corrupt, and is salvaged") {
  OldPartition old;
  std::string damaged = read_file(old.path());
  const auto root = static_cast<std::size_t>(
      read_integer(old.path(), "SELECT rootpage FROM sqlite_schema WHERE name = 'documents'"));
  damaged.replace((root - 1) * kPageBytes, 64, 64, '\xff');
  write_file(old.path(), damaged);
  const Status added = old.add();
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().code == "store.corrupt");
  const auto salvaged = salvage_partition(
      {old.path(), new_path(old.replacement()), old.vfs.name(), Instant{77}}, old.key());
  REQUIRE(salvaged.has_value());
  CHECK(salvaged->recovered == kOperations);
}

TEST_CASE("INV-S4: a header that lost the mark of checksums is damage and no old file") {
  OldPartition old;
  REQUIRE(old.add().has_value());
  std::string bytes = read_file(old.path());
  bytes[kReservedAt] = 0;
  SECTION("that byte alone") {}
  SECTION("and more of its page") { bytes[kReservedAt + 20] ^= 0x10; }
  write_file(old.path(), bytes);
  CHECK_FALSE(lacks_checksums(old.path(), old.vfs.name()));
  CHECK(old.add().has_value());
  CHECK(read_file(old.path()) == bytes);
  const auto opened = Database::open({old.path(), old.vfs.name(), schema::partition_migrations()});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == "store.corrupt");
}

TEST_CASE("INV-S6: an old file of a newer version or of somebody else's stays as it is") {
  OldPartition old;
  std::string code;
  SECTION("newer") {
    PlainDatabase(old.path(), old.vfs.name()).run("PRAGMA user_version=99");
    code = "store.newer";
  }
  SECTION("with other tables") {
    PlainDatabase(old.path(), old.vfs.name()).run("DROP TABLE cursors");
    code = "store.corrupt";
  }
  const std::string before = read_file(old.path());
  const Status added = old.add();
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().code == code);
  CHECK(read_file(old.path()) == before);
}

TEST_CASE("a file that is not there, is empty or has no tables yet gets its checksums when made") {
  TemporaryDirectory directory;
  const FaultVfs vfs;
  const std::string path = directory.file("p.db");
  SECTION("not there") {}
  SECTION("empty") { write_file(path, ""); }
  SECTION("without tables") { PlainDatabase(path, vfs.name()).run("PRAGMA journal_mode=WAL"); }
  REQUIRE(add_checksums(system_files(), {directory.path(), path, vfs.name(), Instant{5}},
                        schema::partition_migrations())
              .has_value());
  (void)open_database(path, vfs.name(), schema::partition_migrations());
  CHECK(read_file(path)[kReservedAt] == static_cast<char>(kPageChecksumBytes));
  CHECK_FALSE(lacks_checksums(path, vfs.name()));
}
