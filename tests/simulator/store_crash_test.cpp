#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/store/database.hpp"
#include "simulator/world/memory_disk.hpp"

using namespace landfall;
using store::Database;
using store::Durability;
using world::MemoryDisk;

namespace {

constexpr std::array<schema::Migration, 2> kMigrations{{
    {1, "0001_initial",
     "CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL);"
     "CREATE TABLE items(id INTEGER PRIMARY KEY, body BLOB);"},
    {2, "0002_wider",
     "ALTER TABLE items ADD COLUMN note TEXT NOT NULL DEFAULT ''; CREATE INDEX n ON items(note);"},
}};

constexpr std::int64_t kItems = 24;
constexpr const char* kPath = "/phone/a.db";

world::Draw draws_of(std::uint64_t seed) {
  return [random = std::make_shared<Random>(seed)] { return random->next(); };
}

bool is_durable(std::int64_t item) { return item % 3 == 0; }

Result<std::unique_ptr<Database>> open_on(const MemoryDisk& disk, std::size_t versions = 2) {
  return Database::open({kPath, disk.vfs_name(), std::span(kMigrations).first(versions)});
}

struct History {
  std::int64_t acknowledged = -1;  // the last durable item whose write returned
  std::int64_t tried = -1;         // the last item whose write began
};

// Opens with the old version, writes half, migrates, writes the rest; ends early when the disk
// dies.
History live(MemoryDisk& disk) {
  History history;
  for (const std::size_t versions : {1U, 2U}) {
    auto database = open_on(disk, versions);
    if (!database) return history;
    const std::int64_t end = versions == 1 ? kItems / 2 : kItems;
    for (std::int64_t item = history.tried + 1; item < end; ++item) {
      history.tried = item;
      const auto durability = is_durable(item) ? Durability::durable : Durability::ordered;
      const auto written =
          (*database)->write("items.add", durability, [&](store::Transaction& transaction) {
            return transaction.run("INSERT INTO items(id, body) VALUES(?1, zeroblob(?2))", item,
                                   item * 977 % 3000);
          });
      if (!written) return history;
      if (is_durable(item)) history.acknowledged = item;
      if (item % 14 == 6) (void)(*database)->checkpoint(store::CheckpointMode::passive);
      if (item % 14 == 13) (void)(*database)->move_log();
    }
  }
  return history;
}

std::vector<std::int64_t> items_of(Database& database) {
  const auto items =
      database.read([](const store::Snapshot& snapshot) -> Result<std::vector<std::int64_t>> {
        LANDFALL_TRY_ASSIGN(store::Rows rows, snapshot.select("SELECT id FROM items ORDER BY id"));
        return rows.all([](const store::Rows& row) { return row.integer(0); });
      });
  REQUIRE(items.has_value());
  return *items;
}

void examine(Database& database, const History& history) {
  CHECK(database.integrity_check().has_value());
  CHECK(database.foreign_key_check().has_value());
  const std::vector<std::int64_t> items = items_of(database);
  const auto count = static_cast<std::int64_t>(items.size());
  // Nothing acknowledged is lost, nothing is there that was never written, and what an ordered
  // write lost takes everything after it along: what is left has no hole.
  CHECK(count > history.acknowledged);
  CHECK(count <= history.tried + 1);
  for (std::int64_t i = 0; i < count; ++i) CHECK(items[static_cast<std::size_t>(i)] == i);
  CHECK(database.commit_seq() == static_cast<std::uint64_t>(count));
}

using Crash = std::function<void(MemoryDisk&, std::uint64_t seed)>;

void pull_the_plug(MemoryDisk& disk, std::uint64_t seed) { disk.power_cut(draws_of(seed)); }
void kill_the_process(MemoryDisk& disk, std::uint64_t) { disk.kill(); }

// Dies at every change of a life; every third time it dies again while it recovers.
int die_everywhere(const Crash& crash) {
  int runs = 0;
  for (std::uint64_t at = 0;; ++at) {
    MemoryDisk disk(draws_of(at));
    disk.crash_at(at);
    const History history = live(disk);
    if (!disk.is_dead()) return runs;
    ++runs;
    crash(disk, at);
    disk.revive();
    if (at % 3 == 0) {
      disk.crash_at(disk.io_operations() + at % 11);
      (void)open_on(disk);
      crash(disk, at + 1);
      disk.revive();
    }
    INFO("at " << at);
    auto database = open_on(disk);
    REQUIRE(database.has_value());
    examine(**database, history);
  }
}

}  // namespace

TEST_CASE("INV-S1: the power goes at any I/O: the database opens whole, keeps what was durable") {
  CHECK(die_everywhere(pull_the_plug) > 100);
}

TEST_CASE("INV-S1: the process dies at any I/O: the database opens whole, keeps what was durable") {
  CHECK(die_everywhere(kill_the_process) > 100);
}

TEST_CASE("what a database shows after a kill stays through a power cut right after") {
  for (std::uint64_t at = 0;; ++at) {
    MemoryDisk disk(draws_of(at));
    disk.crash_at(at);
    (void)live(disk);
    if (!disk.is_dead()) break;
    disk.kill();
    disk.revive();
    std::vector<std::int64_t> shown;
    {
      auto database = open_on(disk);
      REQUIRE(database.has_value());
      shown = items_of(**database);
      disk.power_cut(draws_of(at));
    }
    disk.revive();
    auto database = open_on(disk);
    REQUIRE(database.has_value());
    CHECK(items_of(**database) == shown);
  }
}

TEST_CASE(
    "INV-S3: on a full disk nothing is half done, and the database goes on when there is room") {
  for (std::uint64_t writes = 0; writes < 120; ++writes) {
    MemoryDisk disk(draws_of(writes));
    disk.full_after(writes);
    const History history = live(disk);
    disk.heal();
    auto database = open_on(disk);
    REQUIRE(database.has_value());
    examine(**database, history);
  }
}
