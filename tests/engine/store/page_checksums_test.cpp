#include "engine/store/page_checksums.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "tests/engine/store/fault_vfs.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

constexpr std::size_t kPageBytes = 4096;

// A closed file of some pages: rows, an index, rows longer than a page.
std::string filled_file(const TemporaryDirectory& directory) {
  const std::string path = directory.file("whole.db");
  auto database = open_database(path);
  for (int i = 0; i < 60; ++i) {
    const std::string name = "item " + std::to_string(i);
    const std::string body(static_cast<std::size_t>(i % 7 == 0 ? 9'000 : 50), 'b');
    REQUIRE(database
                ->write("test.add", Durability::ordered,
                        [&](Transaction& tx) {
                          return tx.run("INSERT INTO items(name, body) VALUES(?1, ?2)", name, body);
                        })
                .has_value());
  }
  database.reset();
  return read_file(path);
}

using Rows = std::vector<std::string>;

// Every row of the file, or nothing when it is store.corrupt; any other error fails the test.
std::optional<Rows> read_all(const std::string& path) {
  static const FaultVfs without_syncs;
  OpenOptions options;
  options.path = path;
  options.vfs = without_syncs.name();
  options.migrations = kTestMigrations;
  auto database = Database::open(std::move(options));
  const auto corrupt = [](const Error& error) {
    CHECK(error.code == "store.corrupt");
    return std::optional<Rows>{};
  };
  if (!database) return corrupt(database.error());
  const auto rows = (*database)->read([](const Snapshot& snapshot) -> Result<Rows> {
    LANDFALL_TRY_ASSIGN(store::Rows found,
                        snapshot.select("SELECT id, name, body FROM items ORDER BY id"));
    return found.all([](const store::Rows& row) {
      return std::to_string(row.integer(0)) + "|" + std::string(row.text(1)) + "|" +
             std::string(row.is_null(2) ? "" : row.text(2));
    });
  });
  if (!rows) return corrupt(rows.error());
  return *rows;
}

}  // namespace

TEST_CASE("every page of a new database carries a checksum, and files without read as before") {
  TemporaryDirectory directory;
  const std::string whole = filled_file(directory);
  REQUIRE(whole.size() % kPageBytes == 0);
  CHECK(whole[20] == static_cast<char>(kPageChecksumBytes));
  const auto rows = read_all(directory.file("whole.db"));
  REQUIRE(rows.has_value());
  CHECK(rows->size() == 60);
  CHECK(open_database(directory.file("whole.db"))->integrity_check().has_value());
}

TEST_CASE("INV-S4: a bit that flips in any page is store.corrupt or not used, never another row") {
  TemporaryDirectory directory;
  const std::string whole = filled_file(directory);
  const auto expected = read_all(directory.file("whole.db"));
  REQUIRE(expected.has_value());
  const std::string path = directory.file("damaged.db");
  Random random(4);
  int detected = 0;
  int tried = 0;
  for (std::size_t page = 0; page < whole.size() / kPageBytes; ++page) {
    for (int i = 0; i < 6; ++i) {
      std::string damaged = whole;
      const std::size_t at = page * kPageBytes + random.below(kPageBytes);
      damaged[at] =
          static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << random.below(8)));
      write_file(path, damaged);
      INFO("page " << page + 1 << ", byte " << at % kPageBytes);
      const auto rows = read_all(path);
      ++tried;
      if (!rows) ++detected;
      if (rows) CHECK(*rows == *expected);
    }
  }
  // Pages of the index alone are not read here.
  CHECK(detected > tried / 2);
}

TEST_CASE("INV-S4: a page of zeros, of another place or cut off is store.corrupt") {
  TemporaryDirectory directory;
  const std::string whole = filled_file(directory);
  const auto expected = read_all(directory.file("whole.db"));
  const std::string path = directory.file("damaged.db");
  for (std::size_t at = kPageBytes; at < whole.size(); at += kPageBytes) {
    INFO("page " << at / kPageBytes + 1);
    std::string zeros = whole;
    zeros.replace(at, kPageBytes, kPageBytes, '\0');
    write_file(path, zeros);
    if (const auto rows = read_all(path)) CHECK(*rows == *expected);
    write_file(path, whole.substr(0, at + 512));
    if (const auto rows = read_all(path)) CHECK(*rows == *expected);
    for (std::size_t other = kPageBytes; other < at; other += kPageBytes) {
      std::string swapped = whole;
      swapped.replace(at, kPageBytes, whole, other, kPageBytes);
      swapped.replace(other, kPageBytes, whole, at, kPageBytes);
      write_file(path, swapped);
      if (const auto rows = read_all(path)) CHECK(*rows == *expected);
    }
  }
}

// The sums as they were: without the page's place.
TEST_CASE("INV-S1: a file whose checksums say nothing of places is read, and takes ours") {
  TemporaryDirectory directory;
  const std::string whole = filled_file(directory);
  const auto expected = read_all(directory.file("whole.db"));
  std::string old = whole;
  for (std::size_t at = 0; at < old.size(); at += kPageBytes) {
    std::uint32_t first = 0x4c46'5043;
    std::uint32_t second = 0;
    const auto word = [&](std::size_t i) {
      std::uint32_t value = 0;
      std::memcpy(&value, old.data() + at + i, sizeof value);
      return value;
    };
    for (std::size_t i = 0; i < kPageBytes - 8; i += 8) {
      first += word(i) + second;
      second += word(i + 4) + first;
    }
    std::memcpy(old.data() + at + kPageBytes - 8, &first, sizeof first);
    std::memcpy(old.data() + at + kPageBytes - 4, &second, sizeof second);
  }
  CHECK(old != whole);
  const std::string path = directory.file("old.db");
  write_file(path, old);
  const auto rows = read_all(path);
  REQUIRE(rows);
  CHECK(*rows == *expected);
}

namespace {

class Hearing final : public StoreWatch {
 public:
  void on_full(std::string_view) noexcept override {}
  void on_corrupt(std::string_view code) noexcept override { codes.emplace_back(code); }

  std::vector<std::string> codes;
};

// The file with its longest rows unreadable: their pages are full of this letter.
std::string with_damaged_bodies(const TemporaryDirectory& directory) {
  std::string damaged = filled_file(directory);
  for (std::size_t at = kPageBytes; at < damaged.size(); at += kPageBytes) {
    const bool is_body = damaged.substr(at + 100, 3'000) == std::string(3'000, 'b');
    if (is_body) damaged[at + 100] = 'c';
  }
  const std::string path = directory.file("damaged.db");
  write_file(path, damaged);
  return path;
}

std::unique_ptr<Database> open_watched(const std::string& path, StoreWatch& watch) {
  OpenOptions options;
  options.path = path;
  options.migrations = kTestMigrations;
  options.watch = &watch;
  auto database = Database::open(std::move(options));
  REQUIRE(database.has_value());
  return std::move(*database);
}

// A reader that can do without what it reads.
void read_bodies(const Reader& reader) {
  auto rows = reader.select("SELECT body FROM items");
  REQUIRE(rows.has_value());
  const auto read = rows->all([](const store::Rows& row) { return row.is_null(0); });
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == "store.corrupt");
}

}  // namespace

TEST_CASE("INV-S4: a step that goes on after a damaged page fails with the damage, which is told") {
  TemporaryDirectory directory;
  Hearing heard;
  const auto database = open_watched(with_damaged_bodies(directory), heard);
  const auto written = database->write("test.goes_on", Durability::durable, [](Transaction& tx) {
    read_bodies(tx);
    return tx.run("INSERT INTO items(name) VALUES('behind it')");
  });
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().code == "store.corrupt");
  CHECK(heard.codes == std::vector<std::string>{"store.corrupt"});
}

TEST_CASE("INV-S4: damage that a reader can do without is told all the same") {
  TemporaryDirectory directory;
  Hearing heard;
  const auto database = open_watched(with_damaged_bodies(directory), heard);
  const Status read = database->read([](const Snapshot& snapshot) -> Status {
    read_bodies(snapshot);
    return {};
  });
  CHECK(read.has_value());
  CHECK(heard.codes == std::vector<std::string>{"store.corrupt"});
}
