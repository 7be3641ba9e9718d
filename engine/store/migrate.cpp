#include "engine/store/migrate.hpp"

#include <sqlite3.h>

#include <string>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"

namespace landfall::store {

namespace {

constexpr std::string_view kReadVersion = "PRAGMA user_version";
constexpr std::string_view kReadApplication = "PRAGMA application_id";
// No migration makes a trigger, a view or a virtual table, which have no page of their own;
constexpr std::string_view kHasProgram =
    "SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE ifnull(rootpage, 0) = 0)";
// nor a column that is computed, which is asked of real tables alone, because asking uses them.
constexpr std::string_view kHasComputed =
    "SELECT EXISTS(SELECT 1 FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c "
    "WHERE t.type = 'table' AND c.hidden <> 0)";

Error not_ours() {
  return Error{ErrorClass::corrupt, "store.corrupt",
               "the file is a database, but not one of this engine"};
}

// A file that somebody prepared to do something of its own when it is used.
Status refuse_prepared_schema(Connection& connection) {
  for (const std::string_view sql : {kHasProgram, kHasComputed}) {
    LANDFALL_TRY_ASSIGN(const std::int64_t found, connection.read_integer(sql));
    if (found == 0) continue;
    return failure(
        ErrorClass::corrupt, "store.corrupt",
        "the schema has triggers, views or computed columns, and this engine's has none");
  }
  return {};
}

Status run_migration(Connection& connection, const schema::Migration& migration) {
  const std::string doing = "migration " + std::string(migration.name);
  // Rebuilding a table leaves references open for a moment; they are checked at the commit.
  LANDFALL_TRY(connection.execute("PRAGMA defer_foreign_keys=ON", doing));
  LANDFALL_TRY(connection.execute(std::string(migration.sql).c_str(), doing));
  if (sqlite3_get_autocommit(connection.handle()) != 0) {
    return failure(ErrorClass::internal, "store.migration", doing + " ends its own transaction");
  }
  const std::string marks = "PRAGMA application_id=" + std::to_string(kApplicationId) +
                            ";PRAGMA user_version=" + std::to_string(migration.version);
  return connection.execute(marks.c_str(), doing);
}

Status apply_one(Connection& connection, const schema::Migration& migration) {
  LANDFALL_TRY(connection.begin());
  Status done = run_migration(connection, migration);
  if (done) done = connection.commit();
  if (!done) connection.roll_back();
  return done;
}

}  // namespace

Status check_origin(Connection& connection, std::span<const schema::Migration> migrations) {
  LANDFALL_TRY_ASSIGN(const std::int64_t version, connection.read_integer(kReadVersion));
  LANDFALL_TRY_ASSIGN(const std::int64_t application, connection.read_integer(kReadApplication));
  if (application != kApplicationId && application != 0) return failure(not_ours());
  const std::int64_t known = migrations.empty() ? 0 : migrations.back().version;
  if (version > known && !mutant::is(mutant::Mutant::open_newer)) {
    return failure(ErrorClass::refused, "store.newer",
                   "the database has version " + std::to_string(version) + ", this program knows " +
                       std::to_string(known) + ": it was written by a newer program");
  }
  if (version < 0) return failure(not_ours());
  LANDFALL_TRY_ASSIGN(const std::int64_t has_tables,
                      connection.read_integer("SELECT EXISTS(SELECT 1 FROM sqlite_schema)"));
  if (application == 0 && (version > 0 || has_tables != 0)) return failure(not_ours());
  return refuse_prepared_schema(connection);
}

Status apply_migrations(Connection& connection, std::span<const schema::Migration> migrations) {
  LANDFALL_TRY_ASSIGN(const std::int64_t version, connection.read_integer(kReadVersion));
  LANDFALL_TRY(connection.set_sync_level(SyncLevel::full));
  std::int64_t expected = 1;
  for (const schema::Migration& migration : migrations) {
    LANDFALL_ASSERT(migration.version == expected);
    ++expected;
    if (migration.version > version) LANDFALL_TRY(apply_one(connection, migration));
  }
  return {};
}

}  // namespace landfall::store
