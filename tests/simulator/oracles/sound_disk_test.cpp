#include "simulator/oracles/sound_disk.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>

#include "engine/base/random.hpp"
#include "engine/store/database.hpp"
#include "engine/store/page_checksums.hpp"
#include "schema/embedded.hpp"
#include "tests/simulator/oracles/stage.hpp"
#include "tests/simulator/sqlite_session.hpp"

using namespace landfall;
using world::MemoryDisk;

namespace {

constexpr const char* kDevice = "/phone/device.db";

struct Disk {
  MemoryDisk disk{[random = std::make_shared<Random>(7)] { return random->next(); }};
  store::PageChecksums checksums{disk.vfs_name()};
  oracles::SoundDisk oracle;

  void run(const std::string& sql, const std::string& name = kDevice) {
    world::SqliteSession session(checksums.vfs_name(), name);
    REQUIRE(session.run(sql) == SQLITE_OK);
  }
  void migrate() {
    auto database = store::Database::open({kDevice, disk.vfs_name(), schema::device_migrations()});
    REQUIRE(database.has_value());
  }
};

}  // namespace

TEST_CASE("INV-S1 oracle: a database as the engine makes it is sound, with its WAL as well") {
  Disk phone;
  CHECK(phone.oracle.examine(phone.disk).empty());
  phone.migrate();
  CHECK(phone.oracle.examine(phone.disk).empty());
  world::SqliteSession open(phone.checksums.vfs_name(), kDevice);
  REQUIRE(open.run("PRAGMA journal_mode=WAL; INSERT INTO meta VALUES('a','b')") == SQLITE_OK);
  const auto before = phone.disk.read_file(std::string(kDevice) + "-wal");
  REQUIRE(before.has_value());
  CHECK(phone.oracle.examine(phone.disk).empty());
  CHECK(phone.disk.read_file(std::string(kDevice) + "-wal") == before);
}

TEST_CASE("INV-S1 oracle: damage, orphans and half a migration are named") {
  Disk phone;
  SECTION("a damaged page") {
    phone.migrate();
    phone.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<500)"
        " INSERT INTO meta SELECT 'name' || i, hex(zeroblob(40)) FROM n");
    auto bytes = *phone.disk.read_file(kDevice);
    REQUIRE(bytes.size() > 30'000);
    for (std::size_t at = 24'000; at < 24'600; ++at) bytes[at] ^= 0x5a;
    phone.disk.write_file(kDevice, bytes);
  }
  SECTION("a bit that nobody but its checksum would miss") {
    phone.migrate();
    phone.run("INSERT INTO meta VALUES('name', hex(zeroblob(1000)))");
    auto bytes = *phone.disk.read_file(kDevice);
    const auto at = std::search_n(bytes.begin(), bytes.end(), 1'000, std::uint8_t{'0'});
    REQUIRE(at != bytes.end());
    // Written so, and not by the world's own fault, which the oracle knows of.
    *at ^= 1;
    phone.disk.write_file(kDevice, bytes);
  }
  SECTION("no database at all") {
    const world::Bytes text(5'000, 'x');
    phone.disk.write_file(kDevice, text);
  }
  SECTION("a row that points nowhere") {
    phone.migrate();
    phone.run(
        "CREATE TABLE child(parent TEXT REFERENCES meta(name));"
        "INSERT INTO child VALUES('nobody')");
  }
  SECTION("tables without a version") { phone.run("CREATE TABLE half(a)"); }
  SECTION("a version that no migration makes") {
    phone.migrate();
    phone.run("PRAGMA user_version=77");
  }
  const auto problems = phone.oracle.examine(phone.disk);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find(kDevice) == 0);
}
