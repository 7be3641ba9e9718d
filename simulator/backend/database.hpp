#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace landfall::backend {

// The backend's own SQLite database with its statements prepared once. Its functions throw
// SQLite::Exception, which Backend turns into a 500 and a rollback.
class BackendDatabase final {
 public:
  explicit BackendDatabase(const std::string& path);

  void begin() { connection_.exec("BEGIN IMMEDIATE"); }
  void commit() { connection_.exec("COMMIT"); }
  void rollback() noexcept;

  // `sql` must be a literal: the cache is keyed by it.
  [[nodiscard]] SQLite::Statement& prepared(const char* sql);

  [[nodiscard]] std::optional<std::string> meta(std::string_view key);
  void set_meta(std::string_view key, std::string_view value);

 private:
  SQLite::Database connection_;
  std::map<std::string_view, std::unique_ptr<SQLite::Statement>> statements_;
};

// One execution of a prepared statement: bound in order, reset at the end of the scope. The same
// statement must not be open twice at once.
class Query final {
 public:
  template <class... Values>
  Query(BackendDatabase& database, const char* sql, const Values&... values)
      : statement_(database.prepared(sql)) {
    statement_.clearBindings();
    int at = 0;
    (bind(++at, values), ...);
  }
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  [[nodiscard]] bool step() { return statement_.executeStep(); }
  // Runs to the end; returns the number of changed rows.
  int run() { return statement_.exec(); }

  [[nodiscard]] std::string text(int column) const {
    return statement_.getColumn(column).getString();
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return statement_.getColumn(column).getInt64();
  }
  [[nodiscard]] bool is_null(int column) const { return statement_.isColumnNull(column); }
  [[nodiscard]] std::optional<std::string> optional_text(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;

 private:
  void bind(int at, std::int64_t value) { statement_.bind(at, value); }
  void bind(int at, bool value) { statement_.bind(at, value ? 1 : 0); }
  void bind(int at, const std::string& value) { statement_.bind(at, value); }
  void bind(int at, std::string_view value) { statement_.bind(at, std::string{value}); }
  template <class T>
  void bind(int at, const std::optional<T>& value) {
    if (value) bind(at, *value);
  }

  SQLite::Statement& statement_;
};

}  // namespace landfall::backend
