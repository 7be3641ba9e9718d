#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "engine/store/database.hpp"
#include "schema/limits.hpp"
#include "tests/engine/store/fault_vfs.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

class MutexGate final : public WriteGate {
 public:
  void enter(WritePriority) override { mutex_.lock(); }
  void leave() noexcept override { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

void fill(Database& database, int count) {
  for (int i = 0; i < count; ++i)
    REQUIRE(add_item(database, "item " + std::to_string(i), Durability::ordered));
}

}  // namespace

TEST_CASE("a log is moved while others write, and what they wrote meanwhile behind it") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  fill(*database, 100);
  // Nobody else moves anything from the beginning on: the log must not be whole in the file, and
  // begin anew, under the one that moves.
  vfs.in_open = [&] {
    const auto whole = database->checkpoint(CheckpointMode::passive);
    REQUIRE_FALSE(whole.has_value());
    CHECK(whole.error().code == "store.busy");
  };
  int written_meanwhile = 0;
  vfs.in_file_write = [&] {
    for (int i = 0; i < 3; ++i)
      written_meanwhile += add_item(*database, "meanwhile " + std::to_string(i)) ? 1 : 0;
  };
  const auto moved = database->move_log();
  REQUIRE(moved.has_value());
  CHECK(moved->frames_left == 0);
  CHECK(database->wal_bytes() == 0);
  CHECK(written_meanwhile == 3);
  // The log begins anew with the next commit, so that it stays as long as it was.
  const std::string log = directory.file("a.db-wal");
  const auto length = read_file(log).size();
  REQUIRE(add_item(*database, "behind"));
  CHECK(read_file(log).size() == length);
  CHECK(database->wal_bytes() < 10 * 4096);
  CHECK(count_items(*database) == 104);
  CHECK(database->integrity_check().has_value());
  REQUIRE(database->checkpoint(CheckpointMode::truncate));
}

TEST_CASE(
    "that a log is long is told once, that it is too long once more, and again after a move") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  int long_told = 0;
  int too_long_told = 0;
  int items = 0;
  const std::string item(1024 * 1024, 'x');
  const auto grow = [&](std::int64_t log_bytes) {
    while (database->wal_bytes() <= log_bytes) {
      REQUIRE(add_item(*database, item + std::to_string(++items), Durability::ordered));
      if (!database->log_became_long(false)) continue;
      ++(database->wal_bytes() > limits::kLogBytesMax ? too_long_told : long_told);
    }
  };
  grow(limits::kLogBytesMax + 3 * 1024 * 1024);
  CHECK(long_told == 1);
  CHECK(too_long_told == 1);
  REQUIRE(database->move_log());
  CHECK_FALSE(database->log_became_long(false));
  grow(limits::kLogBytesLong);
  CHECK(long_told == 2);
}

TEST_CASE("INV-S3: a log of the same length is long once the disk is low, and told again") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  const std::string item(limits::kLogBytesOnLowDisk, 'x');
  REQUIRE(add_item(*database, item, Durability::ordered));
  REQUIRE(database->wal_bytes() > limits::kLogBytesOnLowDisk);
  CHECK_FALSE(database->has_long_log(false));
  CHECK_FALSE(database->log_became_long(false));
  CHECK(database->has_long_log(true));
  CHECK(database->log_became_long(true));
  CHECK_FALSE(database->log_became_long(true));
  REQUIRE(database->move_log());
  CHECK_FALSE(database->log_became_long(true));
  REQUIRE(add_item(*database, item + "y", Durability::ordered));
  CHECK(database->log_became_long(true));
}

TEST_CASE("a log that was moved whole is not moved again") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  fill(*database, 10);
  REQUIRE(database->move_log());
  const int opens = vfs.opens;
  const auto again = database->move_log();
  REQUIRE(again.has_value());
  CHECK(again->frames_left == 0);
  CHECK(vfs.opens == opens);
}

TEST_CASE("a failed sync in a move breaks the database, a full disk in it does not") {
  TemporaryDirectory directory;
  FaultVfs vfs;
  auto database = open_database(directory.file("a.db"), vfs.name());
  fill(*database, 50);
  vfs.fault = SQLITE_FULL;
  vfs.in_file_write = [&] {
    vfs.fail_count = 1;
    vfs.fail_at_change = vfs.changes.load();
  };
  CHECK(database->move_log().error().code == "storage.full");
  CHECK_FALSE(database->is_broken());
  CHECK(add_item(*database, "after"));
  vfs.fails_syncs_only = true;
  vfs.fail_count = 1;
  vfs.fail_at_change = vfs.changes.load();
  CHECK(database->move_log().error().code == "store.io");
  CHECK(database->is_broken());
  CHECK(add_item(*database, "broken").error().code == "store.broken");
  CHECK(database->move_log().error().code == "store.broken");
  database.reset();
  vfs.fail_at_change = -1;
  database = open_database(directory.file("a.db"), vfs.name());
  CHECK(count_items(*database) == 51);
}

TEST_CASE(
    "while the log is moved again and again, writers and readers on other threads lose nothing, "
    "and the log stays short (INV-S1)") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a.db");
  constexpr int kItems = 3'000;
  constexpr std::int64_t kLongLog = 100 * 4096;
  MutexGate gate;
  auto database = open_database(path, "", kTestMigrations, &gate);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::atomic<int> moves{0};
  std::thread mover([&] {
    while (!done.load()) {
      if (database->wal_bytes() <= kLongLog) continue;
      const auto moved = database->move_log();
      if (!moved && moved.error().code != "store.busy") ++wrong;
      ++moves;
    }
  });
  std::thread reader([&] {
    while (!done.load()) {
      const auto whole = database->read([](const Snapshot& snapshot) -> Result<bool> {
        LANDFALL_TRY_ASSIGN(Rows rows, snapshot.select("SELECT count(*) FROM items"));
        LANDFALL_TRY_ASSIGN(const auto count,
                            rows.first([](const Rows& row) { return row.integer(0); }));
        return count == static_cast<std::int64_t>(snapshot.commit_seq());
      });
      if (!whole || !*whole) ++wrong;
    }
  });
  int refused = 0;
  for (int i = 0; i < kItems; ++i)
    if (!add_item(*database, std::to_string(i), Durability::ordered)) ++refused;
  done = true;
  mover.join();
  reader.join();
  CHECK(refused == 0);
  CHECK(wrong == 0);
  CHECK(moves > 0);
  CHECK(database->integrity_check().has_value());
  CHECK(count_items(*database) == kItems);
  database.reset();
  database = open_database(path);
  CHECK(database->integrity_check().has_value());
  CHECK(count_items(*database) == kItems);
}
