#include "tests/engine/store/store_fixture.hpp"

#include "engine/store/page_checksums.hpp"

#include <sqlite3.h>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace landfall::test {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "landfall-store-XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::unique_ptr<store::Database> open_database(const std::string& path, std::string_view vfs,
                                               std::span<const schema::Migration> migrations,
                                               store::WriteGate* gate) {
  auto database = store::Database::open({path, std::string(vfs), migrations, gate});
  if (!database) FAIL(database.error().code << ": " << database.error().message);
  return std::move(*database);
}

Status add_item(store::Database& database, std::string_view name, store::Durability durability) {
  return database.write("items.add", durability, [&](store::Transaction& transaction) -> Status {
    LANDFALL_TRY(transaction.run("INSERT INTO items(name) VALUES(?1)", name));
    return {};
  });
}

std::int64_t count_items(store::Database& database) {
  const auto count =
      database.read([](const store::Snapshot& snapshot) -> Result<std::optional<std::int64_t>> {
        LANDFALL_TRY_ASSIGN(store::Rows rows, snapshot.select("SELECT count(*) FROM items"));
        return rows.first([](const store::Rows& row) { return row.integer(0); });
      });
  REQUIRE(count.has_value());
  return count->value();
}

bool has_item(store::Database& database, std::string_view name) {
  const auto found = database.read([&](const store::Snapshot& snapshot) -> Result<bool> {
    LANDFALL_TRY_ASSIGN(store::Rows rows,
                        snapshot.select("SELECT 1 FROM items WHERE name=?1", name));
    return rows.next();
  });
  REQUIRE(found.has_value());
  return *found;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.good());
}

void run_sql(const std::string& path, const std::string& sql) {
  const store::PageChecksums checksums("unix");
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                          checksums.vfs_name().c_str()) == SQLITE_OK);
  const int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
  INFO(sqlite3_errmsg(handle));
  CHECK(code == SQLITE_OK);
  sqlite3_close(handle);
}

std::int64_t read_integer(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  const std::int64_t value = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return value;
}

void copy_database(const std::string& from, const std::string& to) {
  write_file(to, read_file(from));
  write_file(to + "-wal", read_file(from + "-wal"));
}

}  // namespace landfall::test
