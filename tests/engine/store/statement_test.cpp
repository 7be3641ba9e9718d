#include "engine/store/statement.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/store/database.hpp"
#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

enum class Colour { red = 3 };

constexpr std::array<schema::Migration, 1> kWideTable{
    {{1, "0001_initial",
      "CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL);"
      "CREATE TABLE wide(a, b, c, d, e, f, g, h)"}}};

// Runs `fn` in a write transaction; its error fails the test.
template <class F>
void in_transaction(Database& database, F fn) {
  const Status status =
      database.write("t.statement", Durability::ordered,
                     [&](Transaction& transaction) -> Status { return fn(transaction); });
  INFO((status ? std::string() : status.error().message));
  REQUIRE(status.has_value());
}

}  // namespace

TEST_CASE("every kind of value comes back as it was bound") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"), "", kWideTable);
  in_transaction(*database, [](Transaction& transaction) -> Status {
    OperationId id;
    id.bytes[0] = 0xff;
    id.bytes[15] = 1;
    const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}};
    const std::string text("a\0b", 3);
    LANDFALL_TRY(transaction.run("INSERT INTO wide VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
                                 std::int64_t{-5}, text, bytes, id, Instant{77},
                                 std::optional<std::string>{}, true, Colour::red));
    LANDFALL_TRY_ASSIGN(Rows rows, transaction.select("SELECT * FROM wide"));
    REQUIRE(rows.next() == true);
    CHECK(rows.integer(0) == -5);
    CHECK(rows.text(1) == text);
    CHECK(std::vector(rows.bytes(2).begin(), rows.bytes(2).end()) == bytes);
    CHECK(rows.id<OperationId>(3) == id);
    CHECK(rows.instant(4) == Instant{77});
    CHECK(rows.is_null(5));
    CHECK_FALSE(rows.optional(5, [&](int column) { return rows.text(column); }).has_value());
    CHECK(rows.boolean(6));
    CHECK(rows.integer(7) == 3);
    CHECK(rows.next() == false);
    return {};
  });
}

TEST_CASE("empty text and bytes are values, not NULL") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"), "", kWideTable);
  in_transaction(*database, [](Transaction& transaction) -> Status {
    LANDFALL_TRY(transaction.run("INSERT INTO wide(a, b, c) VALUES(?1,?2,?3)", std::string_view{},
                                 std::span<const std::byte>{}, nullptr));
    LANDFALL_TRY_ASSIGN(Rows rows, transaction.select("SELECT a, b, c FROM wide"));
    REQUIRE(rows.next() == true);
    CHECK(rows.text(0).empty());
    CHECK(rows.bytes(1).empty());
    CHECK(rows.is_null(2));
    CHECK(rows.checked().has_value());
    return {};
  });
}

TEST_CASE("a column of another type is store.corrupt at the latest at the end of the rows") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"), "", kWideTable);
  in_transaction(*database, [](Transaction& transaction) -> Status {
    LANDFALL_TRY(transaction.run("INSERT INTO wide(a, b) VALUES('text', x'0102')"));
    const auto read = [&](auto map) {
      auto rows = transaction.select("SELECT a, b FROM wide");
      REQUIRE(rows.has_value());
      const auto all = rows->all(map);
      REQUIRE_FALSE(all.has_value());
      return all.error().code;
    };
    CHECK(read([](const Rows& row) { return row.integer(0); }) == "store.corrupt");
    CHECK(read([](const Rows& row) { return std::string(row.text(1)); }) == "store.corrupt");
    CHECK(read([](const Rows& row) { return row.bytes(0).size(); }) == "store.corrupt");
    CHECK(read([](const Rows& row) { return row.id<OperationId>(1); }) == "store.corrupt");
    return {};
  });
}

TEST_CASE(
    "temporaries may be passed to select, and the same text may be read while it is being read") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"), "", kWideTable);
  in_transaction(*database, [](Transaction& transaction) -> Status {
    for (int i = 0; i < 3; ++i)
      LANDFALL_TRY(transaction.run("INSERT INTO wide(a) VALUES(?1)", std::to_string(i)));
    const std::string_view sql = "SELECT a FROM wide WHERE a>=?1 ORDER BY a";
    LANDFALL_TRY_ASSIGN(Rows outer, transaction.select(sql, std::string("1")));
    std::string seen;
    while (true) {
      LANDFALL_TRY_ASSIGN(const bool more, outer.next());
      if (!more) break;
      seen += std::string(outer.text(0)) + ":";
      LANDFALL_TRY_ASSIGN(Rows inner, transaction.select(sql, std::string("2")));
      LANDFALL_TRY_ASSIGN(const auto first,
                          inner.first([](const Rows& row) { return std::string(row.text(0)); }));
      seen += first.value_or("-") + " ";
    }
    CHECK(seen == "1:2 2:2 ");
    return {};
  });
}

TEST_CASE("run reports the rows it changed") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"), "", kWideTable);
  in_transaction(*database, [](Transaction& transaction) -> Status {
    CHECK(transaction.run("INSERT INTO wide(a) VALUES(1),(2),(3)") == 3);
    CHECK(transaction.last_insert_rowid() == 3);
    CHECK(transaction.run("DELETE FROM wide WHERE a>?1", 1) == 2);
    CHECK(transaction.run("DELETE FROM wide WHERE a>?1", 1) == 0);
    return {};
  });
}

TEST_CASE("more texts than are kept still work") {
  TemporaryDirectory directory;
  auto database = open_database(directory.file("a.db"), "", kWideTable);
  in_transaction(*database, [](Transaction& transaction) -> Status {
    for (int i = 0; i < 1200; ++i) {
      LANDFALL_TRY_ASSIGN(Rows rows, transaction.select("SELECT " + std::to_string(i)));
      REQUIRE(rows.next() == true);
      CHECK(rows.integer(0) == i);
    }
    return {};
  });
}
