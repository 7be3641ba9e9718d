#include "simulator/oracles/forgotten.hpp"

#include <memory>

#include "tests/simulator/oracles/partition_file.hpp"
#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using oracles::Forgotten;
using oracles::PartitionFile;

namespace {

const std::map<std::string, std::string> kKeys{
    {"landfall.outbox.one", "b3V0Ym94IGtleSBvZiAzMiBieXRlcyBpbiBhbGwuLi4="}};

Forgotten::Past past() {
  return {{PartitionFile::id(1)}, {kKeys.begin()->second}, {"asha@metro.example"}};
}

struct Disk {
  world::MemoryDisk disk{[random = std::make_shared<Random>(7)] { return random->next(); }};

  std::size_t found(const std::map<std::string, std::string>& keys = {}) {
    return Forgotten::examine(disk, keys, past()).size();
  }
};

}  // namespace

TEST_CASE("INV-X2 oracle: a disk without a trace is clean, also when somebody new works on it") {
  Disk phone;
  CHECK(phone.found() == 0);
  PartitionFile file(phone.disk);
  file.add(2);
  CHECK(phone.found({{"landfall.outbox.one", "YW5vdGhlciBrZXkgYWx0b2dldGhlcg=="}}) == 0);
}

TEST_CASE("INV-X2 oracle: a key, a row and a name that are still there are named") {
  Disk phone;
  SECTION("a key") { CHECK(phone.found(kKeys) == 1); }
  SECTION("a row") {
    PartitionFile file(phone.disk);
    file.add(1);
    CHECK(phone.found() > 0);  // in the file, in its log, or in both
  }
  SECTION("a name") {
    const std::string text = "who logged in: asha@metro.example";
    phone.disk.write_file("/phone/device.db-wal", world::Bytes(text.begin(), text.end()));
    CHECK(phone.found() == 1);
  }
}

TEST_CASE("INV-X2 oracle: what was written over counts until the medium has what came instead") {
  Disk phone;
  world::SqliteSession session(phone.disk, "/phone/other.db");
  REQUIRE(session.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL; CREATE TABLE t(a);"
                      "INSERT INTO t VALUES(x'" +
                      PartitionFile::hex_of(1) + "')") == SQLITE_OK);
  CHECK(phone.found() == 1);
  REQUIRE(session.run("PRAGMA synchronous=OFF; UPDATE t SET a = zeroblob(16)") == SQLITE_OK);
  CHECK(phone.found() == 1);
  REQUIRE(session.run("PRAGMA synchronous=FULL; UPDATE t SET a = zeroblob(17)") == SQLITE_OK);
  CHECK(phone.found() == 0);
}

TEST_CASE("INV-X2 oracle: an erase is judged when the engine calls it done") {
  oracles::Stage stage;
  Forgotten oracle;
  stage.watch(oracle);
  PartitionFile file(stage.phone.disk());
  file.add(1);
  stage.accept(PartitionFile::id(1), 1);
  stage.world.observe_erase(stage.phone);
  CHECK(stage.violations("INV-X2").empty());
  SECTION("the file is still there") {
    stage.world.observe_erased(stage.phone);
    CHECK_FALSE(stage.violations("INV-X2").empty());
  }
  SECTION("it is gone") {
    REQUIRE(stage.phone.disk().erase_file(PartitionFile::kPath));
    (void)stage.phone.disk().erase_file(std::string(PartitionFile::kPath) + "-wal");
    stage.world.observe_erased(stage.phone);
    CHECK(stage.violations("INV-X2").empty());
  }
}
