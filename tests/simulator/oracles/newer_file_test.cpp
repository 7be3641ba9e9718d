#include "simulator/oracles/newer_file.hpp"

#include "tests/simulator/oracles/partition_file.hpp"
#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using oracles::PartitionFile;
using world::FileChange;

namespace {

struct Older : oracles::Stage {
  oracles::NewerFile oracle;
  PartitionFile file{phone.disk()};

  Older() {
    watch(oracle);
    oracle.on_files_changed(world, phone, FileChange::newer);
  }
  void state(const std::string& state) {
    world.observe_event(phone, "engine.state", Json{{"state", state}});
  }
  std::size_t found_at_the_end() {
    oracle.on_files_changed(world, phone, FileChange::as_before);
    return violations("INV-S6").size();
  }
};

}  // namespace

TEST_CASE("INV-S6 oracle: a file that is refused and left alone is fine, and so is all behind it") {
  Older phone;
  phone.state("locked");
  CHECK(phone.found_at_the_end() == 0);
  phone.file.add(1);
  phone.state("ready");
  CHECK(phone.found_at_the_end() == 0);
}

TEST_CASE("INV-S6 oracle: whoever uses, changes, moves or misreads a newer file is named") {
  Older phone;
  SECTION("an engine is ready on it") { phone.state("ready"); }
  SECTION("an engine dies of it") { phone.state("failed"); }
  SECTION("it is taken for damage") {
    phone.world.observe_event(phone.phone, "store.corrupt", Json{{"database", "partition"}});
  }
  SECTION("it is written to") { phone.file.add(1); }
  SECTION("it is gone") { REQUIRE(phone.phone.disk().erase_file(PartitionFile::kPath)); }
  CHECK(phone.found_at_the_end() == 1);
}
