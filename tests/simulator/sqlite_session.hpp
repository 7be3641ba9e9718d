#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "simulator/world/memory_disk.hpp"

namespace landfall::world {

// A bare connection to a database on a simulated disk. Tests of the disk use SQLite directly, so
// that a mistake of the engine's store cannot hide one of the disk. Every call gives SQLite's code.
class SqliteSession final {
 public:
  SqliteSession(const MemoryDisk& disk, const std::string& name)
      : SqliteSession(disk.vfs_name(), name) {}
  SqliteSession(const std::string& vfs, const std::string& name) {
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    opened_ = sqlite3_open_v2(name.c_str(), &db_, flags, vfs.c_str());
    sqlite3_extended_result_codes(db_, 1);
  }
  ~SqliteSession() { close(); }
  SqliteSession(SqliteSession&& other) noexcept
      : db_(std::exchange(other.db_, nullptr)), opened_(other.opened_) {}
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;
  SqliteSession& operator=(SqliteSession&&) = delete;

  int run(const std::string& sql) {
    return opened_ != SQLITE_OK ? opened_
                                : sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  }

  // The first column of the first row; nothing when there is no row or the query fails.
  std::optional<std::string> text(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (opened_ != SQLITE_OK) return std::nullopt;
    std::optional<std::string> found;
    code_ = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
    if (code_ == SQLITE_OK) code_ = sqlite3_step(statement);
    if (code_ == SQLITE_ROW) {
      const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      if (value != nullptr) found = value;
    }
    sqlite3_finalize(statement);
    return found;
  }

  // What the last `text` ended with.
  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

  void close() {
    sqlite3_close(db_);
    db_ = nullptr;
  }

 private:
  sqlite3* db_ = nullptr;
  int opened_ = SQLITE_OK;
  int code_ = SQLITE_OK;
};

}  // namespace landfall::world
