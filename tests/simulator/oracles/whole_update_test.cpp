#include "simulator/oracles/whole_update.hpp"

#include "simulator/world/planted_files.hpp"
#include "tests/simulator/oracles/partition_file.hpp"
#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using oracles::PartitionFile;

namespace {

// An update finds two operations that wait and one that is settled, in a file without checksums.
struct Update : oracles::Stage {
  oracles::WholeUpdate oracle;
  PartitionFile file{phone.disk()};

  Update() {
    watch(oracle);
    file.add(1);
    file.add(2, 3);
    file.add(3, 4);
    const auto now = phone.disk().read_file(PartitionFile::kPath);
    REQUIRE(world::write_as_older(phone.disk(), PartitionFile::kPath));
    oracle.on_files_changed(world, phone, world::FileChange::older);
    phone.disk().write_file(PartitionFile::kPath, *now);
  }
  std::size_t found() {
    world.observe_event(phone, "engine.state", Json{{"state", "ready"}});
    return violations("INV-S7").size();
  }
};

}  // namespace

TEST_CASE("INV-S7 oracle: an update that keeps what waits is fine, whatever it did with the rest") {
  Update update;
  SECTION("as it was") {}
  SECTION("something was settled long ago") {
    update.file.run("DELETE FROM operations WHERE state = 4");
  }
  SECTION("one goes on at once") {
    update.file.run("UPDATE operations SET state = 2, batch = NULL");
  }
  CHECK(update.found() == 0);
}

TEST_CASE("INV-S7 oracle: what an update lost, changed or moved in its lane is named") {
  Update update;
  SECTION("lost") { update.file.run("DELETE FROM operations WHERE state = 3"); }
  SECTION("another payload") { update.file.run("UPDATE operations SET payload = x'00'"); }
  SECTION("another place in the order") {
    update.file.run("UPDATE operations SET seq = 50 WHERE seq = 1");
  }
  CHECK(update.found() == 1);
}

TEST_CASE("INV-S7 oracle: what damage took or its user erased was not the update's to keep") {
  Update update;
  update.file.run("DELETE FROM operations WHERE state = 3");
  SECTION("damage") { update.world.observe_lost(update.phone, PartitionFile::id(2)); }
  SECTION("an erase") { update.world.observe_erase(update.phone); }
  CHECK(update.found() == 0);
}
