#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/store/add_checksums.hpp"
#include "engine/store/database.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/page_checksums.hpp"
#include "engine/store/quarantine.hpp"
#include "engine/store/sealer.hpp"
#include "simulator/world/memory_disk.hpp"
#include "tests/engine/store/plain_database.hpp"

using namespace landfall;
using store::Database;
using world::MemoryDisk;

namespace {

constexpr const char* kPath = "/phone/partitions/p.db";
constexpr int kOperations = 30;

world::Draw draws_of(std::uint64_t seed) {
  return [random = std::make_shared<Random>(seed)] { return random->next(); };
}

using Contents = std::map<std::string, std::vector<std::string>>;

// A partition of the version before checksums whose process was killed: its last row stands in the
// log alone.
void leave_old_partition(MemoryDisk& disk) {
  const std::string made = "/desk/made.db";
  {
    SeededSecureRandom random({});
    store::Sealer key(store::SecretKey::generate(random), 1, random);
    auto database = Database::open({made, disk.vfs_name(), schema::partition_migrations()});
    REQUIRE(database.has_value());
    const auto filled = (*database)->write(
        "test.fill", store::Durability::durable, [&](store::Transaction& tx) -> Status {
          for (int number = 0; number < kOperations; ++number) {
            sync::Operation operation;
            operation.id = make_id<OperationId>(Instant{1'000}, random);
            operation.entity = {"pr", std::to_string(number)};
            operation.action = "create";
            LANDFALL_TRY(
                store::OperationTable::insert(tx, key, operation, {}, {"{}", std::nullopt}));
          }
          return {};
        });
    REQUIRE(filled.has_value());
  }
  test::write_without_checksums(made, kPath, disk.vfs_name(),
                                schema::partition_migrations().first(6));
  test::PlainDatabase killed(kPath, disk.vfs_name());
  killed.leave_log();
  killed.run("PRAGMA synchronous=FULL; INSERT INTO meta VALUES ('last', 'row')");
}

store::Replacement replacement(const MemoryDisk& disk) {
  return {"/phone", kPath, disk.vfs_name(), Instant{5}};
}

Status open_as_product(MemoryDisk& disk) {
  LANDFALL_TRY(store::finish_replacement(disk.files(), replacement(disk)));
  LANDFALL_TRY(
      store::add_checksums(disk.files(), replacement(disk), schema::partition_migrations()));
  LANDFALL_TRY_ASSIGN(const auto database,
                      Database::open({kPath, disk.vfs_name(), schema::partition_migrations()}));
  return database->integrity_check();
}

// What the last version's opening leaves of a sound file.
Contents expected_of(std::uint64_t seed, std::uint64_t* changes) {
  MemoryDisk disk(draws_of(seed));
  leave_old_partition(disk);
  const auto before = disk.io_operations();
  REQUIRE(open_as_product(disk).has_value());
  *changes = disk.io_operations() - before;
  return test::contents_of(kPath, disk.vfs_name());
}

}  // namespace

TEST_CASE(
    "INV-S7: wherever a crash cuts short that an old partition gets checksums, the next opening "
    "finds every row of every table") {
  std::uint64_t changes = 0;
  const Contents expected = expected_of(1, &changes);
  REQUIRE(expected.at("operations").size() == kOperations);
  REQUIRE(expected.at("meta").size() == 1);
  REQUIRE(changes > 30);
  for (const bool power : {false, true}) {
    // The last one cuts the power when it is done: what was removed must not come back.
    for (std::uint64_t at = 0; at <= changes; ++at) {
      INFO((power ? "power cut" : "kill") << " at change " << at << " of " << changes);
      MemoryDisk disk(draws_of(2 + at));
      leave_old_partition(disk);
      disk.crash_at(disk.io_operations() + at);
      (void)open_as_product(disk);
      CHECK(disk.is_dead() == (at < changes));
      if (!disk.is_dead()) disk.kill();
      if (power) disk.power_cut(draws_of(500 + at));
      disk.revive();
      const Status opened = open_as_product(disk);
      INFO((opened ? "" : opened.error().message));
      REQUIRE(opened.has_value());
      CHECK(test::contents_of(kPath, disk.vfs_name()) == expected);
      CHECK_FALSE(store::lacks_checksums(kPath, disk.vfs_name()));
    }
  }
}
