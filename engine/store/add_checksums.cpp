#include "engine/store/add_checksums.hpp"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/mutant.hpp"
#include "engine/store/connection.hpp"
#include "engine/store/database.hpp"
#include "engine/store/foreign_log.hpp"
#include "engine/store/linked_file.hpp"
#include "engine/store/migrate.hpp"
#include "engine/store/page_checksums.hpp"
#include "engine/store/salvage_source.hpp"

namespace landfall::store {
namespace {

// Rows between two checkpoints of the new file: its log stays at a few megabytes.
constexpr int kRowsTogether = 1'000;

Error not_ours(const std::string& table) {
  return {ErrorClass::corrupt, "store.corrupt", "the table " + table + " is not as it was made"};
}

Result<std::vector<std::string>> read_texts(Connection& connection, const std::string& sql) {
  LANDFALL_TRY_ASSIGN(Statement statement, connection.borrow(sql));
  Rows rows(std::move(statement));
  return rows.all([](const Rows& row) { return std::string(row.text(0)); });
}

// The old file with its log moved into it, so that the log can go.
Result<std::unique_ptr<Connection>> open_old(const std::string& path, const std::string& vfs,
                                             std::span<const schema::Migration> migrations) {
  LANDFALL_TRY(refuse_link(path, vfs));
  LANDFALL_TRY_ASSIGN(auto old, Connection::open(path, vfs, Connection::Role::writer));
  LANDFALL_TRY(check_origin(*old, migrations));
  LANDFALL_TRY(refuse_foreign_log(*old, path, vfs));
  LANDFALL_TRY(old->apply_settings());
  const int code = sqlite3_wal_checkpoint_v2(old->handle(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr);
  if (code != SQLITE_OK) return failure(old->fail(code, "moving the log into the file"));
  old->trust_log();
  return old;
}

// "a, b" and "?1, ?2" of a table.
struct Columns {
  std::string names;
  std::string values;
};

Result<Columns> columns_of(Connection& connection, const std::string& table) {
  LANDFALL_TRY_ASSIGN(
      const auto names,
      read_texts(connection, "SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid"));
  Columns columns;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string comma = i == 0 ? "" : ", ";
    columns.names += comma + '"' + names[i] + '"';
    columns.values += comma + "?" + std::to_string(i + 1);
  }
  return columns;
}

// Into the table of the same name, which is emptied of what its migrations put there.
Status copy_table(Connection& old, SalvageTarget& fresh, const std::string& table) {
  LANDFALL_TRY_ASSIGN(const Columns columns, columns_of(fresh.connection(), table));
  LANDFALL_TRY(fresh.connection().execute(("DELETE FROM " + table).c_str(), "taking a table over"));
  const std::string read = "SELECT " + columns.names + " FROM " + table;
  const std::string insert =
      "INSERT INTO " + table + " (" + columns.names + ") VALUES (" + columns.values + ")";
  sqlite3_stmt* handle = nullptr;
  int code = sqlite3_prepare_v2(old.handle(), read.c_str(), -1, &handle, nullptr);
  const PreparedStatement rows(handle);
  if ((code & 0xff) == SQLITE_ERROR) return failure(not_ours(table));
  if (code != SQLITE_OK) return failure(old.fail(code, "reading a table"));
  int together = 0;
  while ((code = sqlite3_step(rows.get())) == SQLITE_ROW) {
    LANDFALL_TRY_ASSIGN(const bool fits, fresh.copy(insert, rows.get()));
    if (!fits) return failure(not_ours(table));
    if (++together % kRowsTogether == 0) LANDFALL_TRY(fresh.go_on());
  }
  if (code != SQLITE_DONE) return failure(old.fail(code, "reading a table"));
  return {};
}

// sqlite_sequence keeps the numbers that were given, and is written by the others' rows.
Status copy_tables(Connection& old, SalvageTarget& fresh) {
  LANDFALL_TRY_ASSIGN(const auto tables,
                      read_texts(fresh.connection(),
                                 "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY "
                                 "name = 'sqlite_sequence', rowid"));
  for (const auto& table : tables) LANDFALL_TRY(copy_table(old, fresh, table));
  return fresh.finish();
}

// Everything of the old file in the new one, both closed. False: there is nothing in it.
Result<bool> write_anew(const Replacement& replacement, const std::string& vfs,
                        std::span<const schema::Migration> migrations) {
  LANDFALL_TRY_ASSIGN(const auto old, open_old(replacement.path, vfs, migrations));
  LANDFALL_TRY_ASSIGN(const auto version, old->read_integer("PRAGMA user_version"));
  if (version == 0) return false;
  LANDFALL_TRY_ASSIGN(const auto fresh,
                      SalvageTarget::make(new_path(replacement), vfs,
                                          migrations.first(static_cast<std::size_t>(version))));
  LANDFALL_TRY(copy_tables(*old, *fresh));
  return true;
}

}  // namespace

Status add_checksums(Files& files, const Replacement& replacement,
                     std::span<const schema::Migration> migrations) {
  const std::string vfs = replacement.vfs.empty() ? std::string{kDefaultVfs} : replacement.vfs;
  if (!lacks_checksums(replacement.path, vfs)) return {};
  if (mutant::is(mutant::Mutant::trust_unfinished_update) && files.size_of(new_path(replacement)))
    return files.rename(new_path(replacement), replacement.path);
  LANDFALL_TRY(clear_new(files, replacement));
  const auto written = write_anew(replacement, vfs, migrations);
  if (!written) {
    (void)clear_new(files, replacement);
    return failure(written.error());
  }
  // SQLite would take the old one's log for the new one's.
  LANDFALL_TRY(files.remove(log_path(replacement)));
  if (!*written) return files.remove(replacement.path);
  return files.rename(new_path(replacement), replacement.path);
}

}  // namespace landfall::store
