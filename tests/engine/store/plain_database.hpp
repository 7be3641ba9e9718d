#pragma once

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/store/migrate.hpp"
#include "schema/embedded.hpp"

namespace landfall::test {

// SQLite as it comes, without the engine's measures and without checksums: it reads a file that has
// some, and writes one as a version before them did.
class PlainDatabase final {
 public:
  PlainDatabase(const std::string& path, const std::string& vfs) {
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    REQUIRE(sqlite3_open_v2(path.c_str(), &handle_, kFlags, vfs.c_str()) == SQLITE_OK);
  }
  ~PlainDatabase() { sqlite3_close(handle_); }
  PlainDatabase(const PlainDatabase&) = delete;
  PlainDatabase& operator=(const PlainDatabase&) = delete;

  void run(const std::string& sql) {
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    INFO(sql << ": " << sqlite3_errmsg(handle_));
    REQUIRE(code == SQLITE_OK);
  }

  // Every row as text, values as SQLite would quote them.
  [[nodiscard]] std::vector<std::string> rows(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    INFO(sql);
    REQUIRE(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::vector<std::string> rows;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      std::string row;
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, i));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
        row += std::to_string(sqlite3_column_type(statement, i)) + ":" +
               (bytes != nullptr ? std::string(bytes, size) : "") + "|";
      }
      rows.push_back(std::move(row));
    }
    sqlite3_finalize(statement);
    return rows;
  }

  [[nodiscard]] std::vector<std::string> tables() {
    std::vector<std::string> names;
    for (const auto& row : rows("SELECT name FROM sqlite_schema WHERE type = 'table'"))
      names.push_back(row.substr(2, row.size() - 3));
    return names;
  }

  // Closing leaves the log beside the file, as a process that is killed does.
  void leave_log() {
    REQUIRE(sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) == SQLITE_OK);
  }

 private:
  sqlite3* handle_ = nullptr;
};

// Every table of a file with its rows.
[[nodiscard]] inline std::map<std::string, std::vector<std::string>> contents_of(
    const std::string& path, const std::string& vfs) {
  PlainDatabase database(path, vfs);
  std::map<std::string, std::vector<std::string>> contents;
  for (const auto& table : database.tables())
    contents[table] = database.rows("SELECT * FROM " + table + " ORDER BY 1, 2");
  return contents;
}

// Writes what stands in the file `from` into a new file, as a version with these migrations and
// without checksums had it.
inline void write_without_checksums(const std::string& from, const std::string& to,
                                    const std::string& vfs,
                                    std::span<const schema::Migration> migrations) {
  PlainDatabase database(to, vfs);
  database.run("PRAGMA page_size=4096; PRAGMA journal_mode=WAL");
  for (const auto& migration : migrations) database.run(std::string(migration.sql));
  database.run("PRAGMA application_id=" + std::to_string(store::kApplicationId) +
               "; PRAGMA user_version=" + std::to_string(migrations.size()));
  database.run("ATTACH '" + from + "' AS source; PRAGMA foreign_keys=OFF");
  for (const auto& table : database.tables()) {
    database.run("DELETE FROM " + table + "; INSERT INTO " + table + " SELECT * FROM source." +
                 table);
  }
  database.run("DETACH source");
}

}  // namespace landfall::test
