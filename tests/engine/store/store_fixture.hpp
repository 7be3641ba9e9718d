#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/store/database.hpp"

namespace landfall::test {

// A directory that is removed with everything in it.
class TemporaryDirectory final {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

// A small database: items, parts that refer to items, and the counters every database has.
inline constexpr std::array<schema::Migration, 2> kTestMigrations{{
    {1, "0001_initial",
     "CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL);"
     "INSERT INTO counters VALUES('commit_seq', 0);"
     "CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB);"},
    {2, "0002_parts",
     "CREATE TABLE parts(id INTEGER PRIMARY KEY,"
     " item INTEGER NOT NULL REFERENCES items(id) ON DELETE CASCADE DEFERRABLE INITIALLY "
     "DEFERRED);"},
}};

// Fails the test when it does not open.
[[nodiscard]] std::unique_ptr<store::Database> open_database(
    const std::string& path, std::string_view vfs = "",
    std::span<const schema::Migration> migrations = kTestMigrations,
    store::WriteGate* gate = nullptr);

[[nodiscard]] Status add_item(store::Database& database, std::string_view name,
                              store::Durability durability = store::Durability::durable);
[[nodiscard]] std::int64_t count_items(store::Database& database);
[[nodiscard]] bool has_item(store::Database& database, std::string_view name);

// The whole file; empty when there is none.
[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view bytes);
// Runs SQL on a file that no engine has open.
void run_sql(const std::string& path, const std::string& sql);
// One number out of such a file.
[[nodiscard]] std::int64_t read_integer(const std::string& path, const std::string& sql);
// The database and its log, as a killed process would leave them.
void copy_database(const std::string& from, const std::string& to);

}  // namespace landfall::test
