#include "engine/store/salvage_source.hpp"

#include <sqlite3.h>

#include <utility>

#include "engine/store/database.hpp"
#include "engine/store/foreign_log.hpp"

namespace landfall::store {

void FinalizeStatement::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

SalvageSource::SalvageSource(const std::string& path, const std::string& vfs) {
  const bool has_checksums = !lacks_checksums(path, vfs);
  if (has_checksums) checksums_.emplace(vfs, PageChecksums::Verify::all_but_the_first);
  const std::string& through = has_checksums ? checksums_->vfs_name() : vfs;
  auto opened = Connection::open(path, through, Connection::Role::writer);
  if (!opened) return;
  connection_ = std::move(*opened);
  (void)integer("PRAGMA user_version");  // the log is looked for with the first read
  const auto is_foreign = has_foreign_log(*connection_, path, through);
  if (!is_foreign || !*is_foreign) return;
  auto alone = Connection::open_without_log(path, through);
  if (!alone) return;
  connection_ = std::move(*alone);
  has_lost_log_ = true;
}

PreparedStatement SalvageSource::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  if (connection_) {
    (void)sqlite3_prepare_v2(connection_->handle(), sql.data(), static_cast<int>(sql.size()),
                             &statement, nullptr);
  }
  return PreparedStatement(statement);
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
  const PreparedStatement statement = prepare(sql);
  if (!statement) return false;
  while (true) {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return true;
    if (code != SQLITE_ROW) return false;
    if (!take(statement.get())) return true;
  }
}

Result<std::unique_ptr<SalvageTarget>> SalvageTarget::make(
    const std::string& path, const std::string& vfs,
    std::span<const schema::Migration> migrations) {
  OpenOptions options;
  options.path = path;
  options.vfs = vfs;
  options.migrations = migrations;
  LANDFALL_TRY(Database::open(std::move(options)));
  std::unique_ptr<SalvageTarget> target(new SalvageTarget(vfs));
  LANDFALL_TRY_ASSIGN(target->connection_, Connection::open(path, target->checksums_.vfs_name(),
                                                            Connection::Role::writer));
  LANDFALL_TRY(target->connection_->apply_settings());
  target->connection_->trust_log();
  LANDFALL_TRY(target->connection_->begin());
  return target;
}

Status SalvageTarget::prepare(std::string_view insert) {
  if (kept_sql_ == insert && kept_) return {};
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(connection_->handle(), insert.data(),
                                      static_cast<int>(insert.size()), &statement, nullptr);
  kept_.reset(statement);
  kept_sql_ = insert;
  if (code == SQLITE_OK) return {};
  return failure(connection_->fail(code, "taking rows over"));
}

Result<bool> SalvageTarget::copy(std::string_view insert, sqlite3_stmt* row) {
  LANDFALL_TRY(prepare(insert));
  int code = SQLITE_OK;
  const int columns = sqlite3_column_count(row);
  for (int i = 0; code == SQLITE_OK && i < columns; ++i)
    code = sqlite3_bind_value(kept_.get(), i + 1, sqlite3_column_value(row, i));
  if (code == SQLITE_OK) code = sqlite3_step(kept_.get());
  Result<bool> copied = code == SQLITE_DONE;
  if (code != SQLITE_DONE && (code & 0xff) != SQLITE_CONSTRAINT)
    copied = failure(connection_->fail(code, "taking a row over"));
  sqlite3_reset(kept_.get());
  return copied;
}

Status SalvageTarget::finish() {
  kept_.reset();
  LANDFALL_TRY(connection_->commit());
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), "main",
                                             SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(connection_->fail(code, "finishing a salvage"));
  return {};
}

Status SalvageTarget::go_on() {
  LANDFALL_TRY(finish());
  return connection_->begin();
}

}  // namespace landfall::store
