#include "simulator/world/planted_files.hpp"

#include <memory>

#include "tests/simulator/oracles/partition_file.hpp"

using namespace landfall;
using oracles::PartitionFile;

namespace {

constexpr const char* kPath = PartitionFile::kPath;

struct Phone {
  world::MemoryDisk disk{[random = std::make_shared<Random>(7)] { return random->next(); }};
  PartitionFile file{disk};

  Phone() {
    for (const int number : {1, 2, 3}) file.add(number);
    file.run("VACUUM");  // no page is free, so that every damage is found
  }
  [[nodiscard]] std::string first(const std::string& sql) {
    world::SqliteSession session(disk.vfs_name(), kPath);
    return session.text(sql).value_or("cannot be read");
  }
};

// Pages that the checksums find broken.
std::string check(const world::MemoryDisk& disk) {
  const store::PageChecksums checksums(disk.vfs_name());
  world::SqliteSession session(checksums.vfs_name(), kPath);
  return session.text("PRAGMA integrity_check").value_or("cannot be read");
}

}  // namespace

TEST_CASE("a damaged page differs in one bit, is known, and is found by its checksum") {
  Phone phone;
  Random random(3);
  const auto before = *phone.disk.read_file(kPath);
  REQUIRE(world::damage_page(phone.disk, kPath, random));
  const auto after = *phone.disk.read_file(kPath);
  const auto flipped = phone.disk.flipped_bits(kPath);
  REQUIRE(flipped.size() == 1);
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool is_it = i == flipped.front() / 8;
    CHECK(((before[i] ^ after[i]) == (is_it ? 1 << (flipped.front() % 8) : 0)));
  }
  CHECK(check(phone.disk) != "ok");
  // One at a time, so that it can be flipped back.
  CHECK_FALSE(world::damage_page(phone.disk, kPath, random));
  CHECK_FALSE(world::set_version(phone.disk, kPath, 99));
  CHECK_FALSE(world::write_as_older(phone.disk, kPath));
  CHECK(phone.disk.read_file(kPath) == after);
}

TEST_CASE("an older file has no checksums, the version before them, and every row") {
  Phone phone;
  const std::string rows =
      phone.first("SELECT group_concat(hex(id) || hex(payload)) FROM operations");
  const auto version = world::version_of(phone.disk, kPath);
  REQUIRE(version.has_value());
  REQUIRE(world::write_as_older(phone.disk, kPath));
  CHECK(store::lacks_checksums(kPath, phone.disk.vfs_name()));
  CHECK(world::version_of(phone.disk, kPath) == 7);
  CHECK(phone.first("SELECT group_concat(hex(id) || hex(payload)) FROM operations") == rows);
  CHECK(phone.first("SELECT seq FROM sqlite_sequence WHERE name = 'operations'") == "3");
  // The file that an update finds is whole: it would carry the damage over into another.
  Random random(3);
  CHECK_FALSE(world::damage_page(phone.disk, kPath, random));
}

TEST_CASE("a version is another one, and nothing else is") {
  Phone phone;
  REQUIRE(world::set_version(phone.disk, kPath, 99));
  CHECK(world::version_of(phone.disk, kPath) == 99);
  CHECK(check(phone.disk) == "ok");
  CHECK(phone.first("SELECT count(*) FROM operations") == "3");
}

TEST_CASE("what is not there, or twice, is not changed") {
  Phone phone;
  CHECK(world::find_partition(phone.disk) == kPath);
  Random random(3);
  CHECK_FALSE(world::damage_page(phone.disk, "/phone/partitions/two.db", random));
  CHECK_FALSE(world::write_as_older(phone.disk, "/phone/partitions/two.db"));
  phone.disk.write_file("/phone/partitions/two.db", *phone.disk.read_file(kPath));
  CHECK_FALSE(world::find_partition(phone.disk).has_value());
}
