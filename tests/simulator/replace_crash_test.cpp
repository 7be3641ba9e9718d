#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/store/damage_report.hpp"
#include "engine/store/database.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/quarantine.hpp"
#include "engine/store/sealer.hpp"
#include "simulator/world/memory_disk.hpp"

using namespace landfall;
using store::Database;
using world::MemoryDisk;

namespace {

constexpr const char* kPath = "/phone/partitions/p.db";
constexpr int kOperations = 40;

world::Draw draws_of(std::uint64_t seed) {
  return [random = std::make_shared<Random>(seed)] { return random->next(); };
}

Result<std::unique_ptr<Database>> open_on(const MemoryDisk& disk) {
  return Database::open({kPath, disk.vfs_name(), schema::partition_migrations()});
}

// Some operations in a file that a killed process left, with its log, and the key that they are
// sealed with.
struct Filled {
  explicit Filled(MemoryDisk& disk)
      : random({}), key(store::SecretKey::generate(random), 1, random) {
    auto database = open_on(disk);
    REQUIRE(database.has_value());
    for (int number = 0; number < kOperations; ++number) {
      sync::Operation operation;
      operation.id = make_id<OperationId>(Instant{1'000}, random);
      operation.entity = {"pr", std::to_string(number)};
      operation.action = "create";
      REQUIRE((*database)
                  ->write("test.add", store::Durability::durable,
                          [&](store::Transaction& tx) {
                            return store::OperationTable::insert(tx, key, operation, {},
                                                                 {"{}", std::nullopt});
                          })
                  .has_value());
    }
    disk.kill();
    database->reset();
    disk.revive();
    REQUIRE(disk.read_file(std::string(kPath) + "-wal").has_value());
  }

  SeededSecureRandom random;
  store::Sealer key;
};

store::Replacement replacement(const MemoryDisk& disk) {
  return {"/phone", kPath, disk.vfs_name(), Instant{5}};
}

Status replace(MemoryDisk& disk, const Filled& filled) {
  return store::replace_database(disk.files(), replacement(disk),
                                 [&](const store::SalvageOrder& order) -> Status {
                                   LANDFALL_TRY(store::salvage_partition(order, filled.key));
                                   return {};
                                 });
}

// Each that was set aside has its own log beside it, and none another's.
void check_quarantine(MemoryDisk& disk) {
  const std::string folder = "/phone/quarantine";
  for (const std::string& name : disk.files().list(folder)) {
    if (!name.ends_with("-wal")) continue;
    INFO(name);
    CHECK(disk.read_file(folder + "/" + name.substr(0, name.size() - 4)).has_value());
  }
}

std::vector<std::string> told_of(Database& database) {
  const auto untold = database.read(&store::DamageReports::untold);
  REQUIRE(untold.has_value());
  std::vector<std::string> kept;
  for (const auto& report : *untold) kept.push_back(report.kept_as);
  return kept;
}

std::int64_t operations_on(MemoryDisk& disk) {
  REQUIRE(store::finish_replacement(disk.files(), replacement(disk)).has_value());
  check_quarantine(disk);
  auto database = open_on(disk);
  REQUIRE(database.has_value());
  for (const std::string& kept_as : told_of(**database))
    CHECK(disk.read_file("/phone/" + kept_as).has_value());
  CHECK((*database)->integrity_check().has_value());
  const auto count = (*database)->read([](const store::Snapshot& snapshot) -> Result<std::int64_t> {
    LANDFALL_TRY_ASSIGN(auto rows, snapshot.select("SELECT count(*) FROM operations"));
    LANDFALL_TRY_ASSIGN(const auto first,
                        rows.first([](const store::Rows& row) { return row.integer(0); }));
    return first.value_or(-1);
  });
  REQUIRE(count.has_value());
  return *count;
}

}  // namespace

TEST_CASE("INV-S4: a damaged database is kept whole beside the one that takes its place") {
  MemoryDisk disk(draws_of(1));
  const Filled filled(disk);
  const auto before = disk.read_file(kPath);
  REQUIRE(replace(disk, filled).has_value());
  CHECK(disk.read_file("/phone/quarantine/p-5.db") == before);
  CHECK(operations_on(disk) == kOperations);
  // A second one within the same millisecond takes another name; what the host was not told of the
  // first goes on to be told.
  REQUIRE(replace(disk, filled).has_value());
  CHECK(disk.read_file("/phone/quarantine/p-6.db").has_value());
  auto database = open_on(disk);
  REQUIRE(database.has_value());
  CHECK(told_of(**database) == std::vector<std::string>{"quarantine/p-5.db", "quarantine/p-6.db"});
}

TEST_CASE(
    "INV-S4: wherever a crash cuts a replacement short, every operation is in the old file or the "
    "new") {
  MemoryDisk whole(draws_of(2));
  std::uint64_t changes = 0;
  {
    const Filled filled(whole);
    const auto before = whole.io_operations();
    REQUIRE(replace(whole, filled).has_value());
    changes = whole.io_operations() - before;
  }
  REQUIRE(changes > 20);
  for (const bool power : {false, true}) {
    // The last one cuts the power when it is done: the old log must not come back.
    for (std::uint64_t at = 0; at <= changes; ++at) {
      INFO((power ? "power cut" : "kill") << " at change " << at << " of " << changes);
      MemoryDisk disk(draws_of(3 + at));
      const Filled filled(disk);
      disk.crash_at(disk.io_operations() + at);
      CHECK(replace(disk, filled).has_value() == (at == changes));
      if (!disk.is_dead()) disk.kill();
      if (power) disk.power_cut(draws_of(100 + at));
      disk.revive();
      CHECK(operations_on(disk) == kOperations);
      // And once more, now to its end.
      REQUIRE(replace(disk, filled).has_value());
      CHECK(operations_on(disk) == kOperations);
    }
  }
}

TEST_CASE(
    "INV-S3: a disk that is full refuses a write and a filled file, and removing makes room") {
  MemoryDisk disk(draws_of(4));
  REQUIRE(disk.files().fill("/phone/ballast", 10'000).has_value());
  disk.limit(disk.used_bytes());
  CHECK(disk.files().free_bytes("/phone") == 0);
  CHECK(disk.files().fill("/phone/other", 1).error().code == "storage.full");
  CHECK(disk.limit_refusals() == 1);
  REQUIRE(disk.files().remove("/phone/ballast").has_value());
  CHECK(disk.files().free_bytes("/phone") == 10'000);
  CHECK(disk.files().fill("/phone/other", 10'000).has_value());
  disk.limit(std::nullopt);
  CHECK(disk.files().fill("/phone/ballast", 10'000).has_value());
}
