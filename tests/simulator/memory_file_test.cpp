#include "simulator/world/memory_file.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "engine/base/random.hpp"

namespace landfall::world {
namespace {

Draw draws_of(std::uint64_t seed) {
  return [random = std::make_shared<Random>(seed)] { return random->next(); };
}

// The obvious model: two whole copies.
struct TwoCopies {
  Bytes cache;
  Bytes medium;

  void write(std::size_t offset, const Bytes& data) {
    cache.resize(std::max(cache.size(), offset + data.size()));
    std::copy(data.begin(), data.end(), cache.data() + offset);
  }
};

// The same random writes, truncates and syncs on both.
void change_both(Random& random, MemoryFile& file, TwoCopies& model) {
  for (std::uint64_t steps = random.below(60); steps > 0; --steps) {
    const std::uint64_t what = random.below(10);
    if (what == 0) {
      file.sync();
      model.medium = model.cache;
    } else if (what == 1) {
      const std::size_t size = random.below(6000);
      file.truncate(size);
      model.cache.resize(size);
    } else {
      const std::size_t offset = random.below(5000);
      const Bytes data(random.below(1500), static_cast<std::uint8_t>(random.below(256)));
      file.write(offset, data);
      model.write(offset, data);
    }
    REQUIRE(file.bytes() == model.cache);
  }
}

TEST_CASE("a power cut that loses everything leaves exactly what was synced last") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    MemoryFile file;
    TwoCopies model;
    change_both(random, file, model);
    file.cut_power(draws_of(seed), CutMood::all_lost);
    REQUIRE(file.bytes() == model.medium);
  }
}

TEST_CASE("a power cut that loses nothing leaves exactly what was written last") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    MemoryFile file;
    TwoCopies model;
    change_both(random, file, model);
    file.cut_power(draws_of(seed), CutMood::all_kept);
    REQUIRE(file.bytes() == model.cache);
    file.cut_power(draws_of(seed), CutMood::all_lost);
    REQUIRE(file.bytes() == model.cache);
  }
}

TEST_CASE("a mixed power cut drops, keeps, tears and garbles, but only what was not synced") {
  std::set<std::vector<bool>> kept_sectors;
  bool saw_garbage = false;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    MemoryFile file;
    file.write(0, Bytes(4096, 'o'));
    file.sync();
    // Neither end lies on a sector, so that three sectors are touched, two of them partly.
    file.write(700, Bytes(1000, 'n'));
    file.cut_power(draws_of(seed), CutMood::mixed);
    const Bytes& bytes = file.bytes();
    REQUIRE(bytes.size() == 4096);
    REQUIRE(std::all_of(bytes.begin(), bytes.begin() + 700, [](auto b) { return b == 'o'; }));
    REQUIRE(std::all_of(bytes.begin() + 1700, bytes.end(), [](auto b) { return b == 'o'; }));
    std::vector<bool> kept;
    for (const std::size_t at : {700U, 1024U, 1536U}) {
      kept.push_back(bytes[at] == 'n');
      saw_garbage |= bytes[at] != 'n' && bytes[at] != 'o';
    }
    kept_sectors.insert(kept);
  }
  CHECK(kept_sectors.size() == 8);
  CHECK(saw_garbage);
}

TEST_CASE("a write past the end leaves zeros between, and reading stops at the end") {
  MemoryFile file;
  file.write(3, Bytes{7});
  CHECK(file.bytes() == Bytes{0, 0, 0, 7});
  Bytes into(10, 9);
  CHECK(file.read(2, into) == 2);
  CHECK(into[1] == 7);
  CHECK(file.read(4, into) == 0);
  CHECK(file.unsynced_changes() == 1);
}

}  // namespace
}  // namespace landfall::world
