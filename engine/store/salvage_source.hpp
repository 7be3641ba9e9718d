#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/store/connection.hpp"
#include "engine/store/page_checksums.hpp"
#include "engine/store/statement.hpp"
#include "schema/embedded.hpp"

namespace landfall::store {

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const noexcept;
};
// One that no connection keeps.
using PreparedStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Reads a damaged database as far as it can be read. Internal to the salvage. What does not read is
// an answer here, not an error.
class SalvageSource final {
 public:
  // The damaged file, whose first page is believed; a file that is no database has no rows.
  SalvageSource(const std::string& path, const std::string& vfs);

  // The log beside the file is another one's and was left out; its own may have had more.
  [[nodiscard]] bool has_lost_log() const { return has_lost_log_; }

  // The value of a query of one integer; nothing when it cannot be had.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view sql) const;

  enum class Row { taken, refused, absent, unreadable };
  // Looks at one row: `sql` has ?1 for its key. `take` says whether it wants the row.
  using Take = std::function<bool(sqlite3_stmt* row)>;
  [[nodiscard]] Row row(std::string_view sql, std::int64_t key, const Take& take) const;
  // Every row of a query until one does not read; false then.
  bool rows(std::string_view sql, const Take& take) const;

 private:
  [[nodiscard]] PreparedStatement prepare(std::string_view sql) const;

  std::optional<PageChecksums> checksums_;  // nothing: the file was written before there were any
  std::unique_ptr<Connection> connection_;
  bool has_lost_log_ = false;
  mutable std::string kept_sql_;  // of `row`, which is asked for one key after the other
  mutable PreparedStatement kept_;
};

// Writes the rows of another database into a new one, value by value as they are. Internal to the
// salvage and to add_checksums.
class SalvageTarget final {
 public:
  // Makes a file with every table of these migrations. Everything since then or the last `go_on` is
  // one transaction.
  [[nodiscard]] static Result<std::unique_ptr<SalvageTarget>> make(
      const std::string& path, const std::string& vfs,
      std::span<const schema::Migration> migrations);

  // `insert` has one parameter a column of `row`. False: the row breaks a rule of its table.
  [[nodiscard]] Result<bool> copy(std::string_view insert, sqlite3_stmt* row);
  template <class... Values>
  [[nodiscard]] Status run(std::string_view sql, const Values&... values) {
    LANDFALL_TRY_ASSIGN(Statement statement, connection_->borrow(sql));
    statement.bind_all(values...);
    LANDFALL_TRY(statement.step());
    return {};
  }
  // Commits, and moves the log into the file.
  [[nodiscard]] Status finish();
  // The same in the middle, so that the log does not grow as large as the file.
  [[nodiscard]] Status go_on();
  [[nodiscard]] Connection& connection() const noexcept { return *connection_; }

 private:
  explicit SalvageTarget(const std::string& vfs) : checksums_(vfs) {}
  [[nodiscard]] Status prepare(std::string_view insert);

  PageChecksums checksums_;
  std::unique_ptr<Connection> connection_;
  std::string kept_sql_;
  PreparedStatement kept_;
};

}  // namespace landfall::store
