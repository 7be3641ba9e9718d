#include "engine/store/salvage_source.hpp"

#include <sqlite3.h>

#include "engine/base/assert.hpp"

namespace landfall::store {

void SalvageSource::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

SalvageSource::SalvageSource(const std::string& path, const std::string& vfs)
    : checksums_(vfs, PageChecksums::Verify::all_but_the_first) {
  auto opened = Connection::open(path, checksums_.vfs_name(), Connection::Role::writer);
  if (opened) connection_ = std::move(*opened);
}

SalvageSource::Prepared SalvageSource::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  if (connection_) {
    (void)sqlite3_prepare_v2(connection_->handle(), sql.data(), static_cast<int>(sql.size()),
                             &statement, nullptr);
  }
  return Prepared(statement);
}

std::optional<std::int64_t> SalvageSource::integer(std::string_view sql) const {
  std::optional<std::int64_t> value;
  const bool read = rows(sql, [&](sqlite3_stmt* row) {
    if (sqlite3_column_type(row, 0) == SQLITE_INTEGER) value = sqlite3_column_int64(row, 0);
    return true;
  });
  return read ? value : std::nullopt;
}

SalvageSource::Row SalvageSource::row(std::string_view sql, std::int64_t key,
                                      const Take& take) const {
  if (kept_sql_ != sql || !kept_) {
    kept_ = prepare(sql);
    kept_sql_ = sql;
  }
  if (!kept_) return Row::unreadable;
  sqlite3_bind_int64(kept_.get(), 1, key);
  const int code = sqlite3_step(kept_.get());
  Row row = Row::absent;
  if (code == SQLITE_ROW) row = take(kept_.get()) ? Row::taken : Row::refused;
  if (code != SQLITE_ROW && code != SQLITE_DONE) row = Row::unreadable;
  sqlite3_reset(kept_.get());
  return row;
}

bool SalvageSource::rows(std::string_view sql, const Take& take) const {
  const Prepared statement = prepare(sql);
  if (!statement) return false;
  while (true) {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return true;
    if (code != SQLITE_ROW) return false;
    if (!take(statement.get())) return true;
  }
}

Result<std::unique_ptr<SalvageTarget>> SalvageTarget::open(const std::string& path,
                                                           const std::string& vfs) {
  std::unique_ptr<SalvageTarget> target(new SalvageTarget(vfs));
  LANDFALL_TRY_ASSIGN(target->connection_, Connection::open(path, target->checksums_.vfs_name(),
                                                            Connection::Role::writer));
  LANDFALL_TRY(target->connection_->apply_settings());
  target->connection_->trust_log();
  LANDFALL_TRY(target->connection_->begin());
  return target;
}

Status SalvageTarget::copy(std::string_view insert, sqlite3_stmt* row) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(connection_->handle(), insert.data(),
                                static_cast<int>(insert.size()), &statement, nullptr);
  const int columns = sqlite3_column_count(row);
  for (int i = 0; code == SQLITE_OK && i < columns; ++i)
    code = sqlite3_bind_value(statement, i + 1, sqlite3_column_value(row, i));
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  sqlite3_finalize(statement);
  if (code == SQLITE_DONE) return {};
  return failure(connection_->fail(code, "taking a row over"));
}

Status SalvageTarget::run(std::string_view sql, std::int64_t value) {
  LANDFALL_TRY_ASSIGN(Statement statement, connection_->borrow(sql));
  statement.bind_all(value);
  LANDFALL_TRY(statement.step());
  return {};
}

Status SalvageTarget::finish() {
  LANDFALL_TRY(connection_->commit());
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), "main",
                                             SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(connection_->fail(code, "finishing a salvage"));
  return {};
}

}  // namespace landfall::store
