#include "simulator/oracles/damaged_partition.hpp"

#include <memory>

#include "tests/simulator/oracles/partition_file.hpp"
#include "tests/simulator/oracles/stage.hpp"

using namespace landfall;
using oracles::PartitionFile;

namespace {

constexpr const char* kKept = "/phone/quarantine/one-1767583800000.db";

// Three operations waited, one was settled; then a page was damaged, the file was set aside, and
// another one stands in its place.
struct Damaged {
  world::MemoryDisk disk{[random = std::make_shared<Random>(7)] { return random->next(); }};
  oracles::DamagedPartition oracle;

  explicit Damaged(bool really = true) {
    PartitionFile before(disk);
    for (const int number : {1, 2, 3}) before.add(number);
    before.add(4, 4);
    disk.write_file(kKept, *disk.read_file(PartitionFile::kPath));
    REQUIRE(disk.erase_file(PartitionFile::kPath));
    if (really) REQUIRE(disk.flip_bit(kKept, (2 * 4096 + 2'000) * 8));
  }
  void recover(const std::vector<int>& numbers) {
    PartitionFile after(disk);
    for (const int number : numbers) after.add(number);
  }
  auto say(Json recovered, Json lost) {
    return oracle.examine(disk, "/phone",
                          Json{{"database", "partition"},
                               {"kept_as", "quarantine/one-1767583800000.db"},
                               {"recovered", std::move(recovered)},
                               {"lost", std::move(lost)}});
  }
};

}  // namespace

TEST_CASE("INV-S4 oracle: what is recovered and what is said to be lost is all that waited") {
  Damaged phone;
  SECTION("nothing is lost") {
    phone.recover({1, 2, 3});
    const auto found = phone.say(3, 0);
    CHECK(found.problems.empty());
    CHECK(found.lost.empty());
  }
  SECTION("one is lost and told, and the oracle knows which") {
    phone.recover({1, 3});
    const auto found = phone.say(2, 1);
    CHECK(found.problems.empty());
    CHECK(found.lost == std::vector<std::string>{PartitionFile::id(2)});
  }
  SECTION("nobody can say how many there were") {
    phone.recover({});
    const auto found = phone.say(0, nullptr);
    CHECK(found.problems.empty());
    CHECK(found.lost.size() == 3);
  }
}

TEST_CASE("INV-S4 oracle: a loss that is not told, or told wrongly, is named") {
  Damaged phone;
  phone.recover({1, 3});
  CHECK(phone.say(2, 0).problems.size() == 1);
  CHECK(phone.say(3, 0).problems.size() == 1);
  CHECK(phone.say(2, 2).problems.size() == 1);
  CHECK(phone.say(3, nullptr).problems.size() == 1);
}

TEST_CASE("INV-S4 oracle: a file that nobody damaged is not set aside") {
  Damaged phone(false);
  phone.recover({1, 2, 3});
  CHECK(phone.say(3, 0).problems.size() == 1);
}

TEST_CASE("INV-S4 oracle: what was set aside must be there, and so must what took its place") {
  Damaged phone;
  SECTION("nothing took its place") { CHECK(phone.say(0, 3).problems.size() == 1); }
  SECTION("it was thrown away") {
    phone.recover({});
    REQUIRE(phone.disk.erase_file(kKept));
    CHECK(phone.say(0, 3).problems.size() == 1);
  }
}

TEST_CASE("INV-S4 oracle: who is lost by notice is told to the other oracles") {
  struct Losses final : world::Observer {
    std::vector<std::string> ids;
    void on_lost(world::World&, world::Phone&, const std::string& operation) override {
      ids.push_back(operation);
    }
  };
  oracles::Stage stage;
  oracles::DamagedPartition oracle;
  Losses losses;
  stage.watch(oracle);
  stage.watch(losses);
  auto& disk = stage.phone.disk();
  {
    PartitionFile before(disk);
    before.add(1);
  }
  disk.write_file(kKept, *disk.read_file(PartitionFile::kPath));
  REQUIRE(disk.erase_file(PartitionFile::kPath));
  REQUIRE(disk.flip_bit(kKept, (2 * 4096 + 2'000) * 8));
  const PartitionFile after(disk);
  stage.world.observe_event(stage.phone, "store.corrupt",
                            Json{{"database", "partition"},
                                 {"kept_as", "quarantine/one-1767583800000.db"},
                                 {"recovered", 0},
                                 {"lost", 1}});
  CHECK(losses.ids == std::vector<std::string>{PartitionFile::id(1)});
  CHECK(stage.violations("INV-S4").empty());
}

TEST_CASE("INV-S4 oracle: the same said twice is no loss of its own; another count is") {
  oracles::Stage stage;
  oracles::DamagedPartition oracle;
  stage.watch(oracle);
  const auto say = [&](int recovered) {
    stage.world.observe_event(stage.phone, "store.corrupt",
                              Json{{"database", "partition"},
                                   {"kept_as", "quarantine/one-1767583800000.db"},
                                   {"recovered", recovered},
                                   {"lost", 0}});
    return stage.violations("INV-S4").size();
  };
  // Nothing was set aside there, which is said of each telling that counts.
  const auto once = say(0);
  REQUIRE(once == 1);
  CHECK(say(0) == once);
  CHECK(say(1) == once + 1);
}
