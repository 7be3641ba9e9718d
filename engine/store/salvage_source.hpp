#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/store/connection.hpp"
#include "engine/store/page_checksums.hpp"

namespace landfall::store {

// Reads a damaged database as far as it can be read. Internal to the salvage. What does not read is
// an answer here, not an error.
class SalvageSource final {
 public:
  // The damaged file, whose first page is believed; a file that is no database has no rows.
  SalvageSource(const std::string& path, const std::string& vfs);

  // The value of a query of one integer; nothing when it cannot be had.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view sql) const;

  enum class Row { taken, refused, absent, unreadable };
  // Looks at one row: `sql` has ?1 for its key. `take` says whether it wants the row.
  using Take = std::function<bool(sqlite3_stmt* row)>;
  [[nodiscard]] Row row(std::string_view sql, std::int64_t key, const Take& take) const;
  // Every row of a query until one does not read; false then.
  bool rows(std::string_view sql, const Take& take) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;
  [[nodiscard]] Prepared prepare(std::string_view sql) const;

  PageChecksums checksums_;
  std::unique_ptr<Connection> connection_;
  mutable std::string_view kept_sql_;  // of `row`, which is asked for one key after the other
  mutable Prepared kept_;
};

// Writes the rows of another database into a new one, value by value as they are. Internal to the
// salvage.
class SalvageTarget final {
 public:
  // The file has every table already. Everything is one transaction, until `finish`.
  [[nodiscard]] static Result<std::unique_ptr<SalvageTarget>> open(const std::string& path,
                                                                   const std::string& vfs);

  // `insert` has one parameter a column of `row`.
  [[nodiscard]] Status copy(std::string_view insert, sqlite3_stmt* row);
  [[nodiscard]] Status run(std::string_view sql, std::int64_t value);
  // Commits, and moves the log into the file.
  [[nodiscard]] Status finish();

 private:
  SalvageTarget(const std::string& vfs) : checksums_(vfs) {}

  PageChecksums checksums_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace landfall::store
