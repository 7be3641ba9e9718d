#include "simulator/oracles/database_copy.hpp"

#include <sqlite3.h>

#include <memory>
#include <string_view>

#include "engine/base/random.hpp"
#include "simulator/world/keep_sqlite_random.hpp"

namespace landfall::oracles {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using OpenDatabase = std::unique_ptr<sqlite3, CloseDatabase>;

bool is_open_to_use(std::string_view name) {
  return name.ends_with(".db") && name.find("/quarantine/") == std::string_view::npos;
}

}  // namespace

DatabaseCopy::DatabaseCopy()
    : bench_([random = std::make_shared<Random>(1)] { return random->next(); }),
      checksums_(bench_.vfs_name()) {}

void DatabaseCopy::for_each(const world::MemoryDisk& disk, const Look& look) {
  const world::KeepSqliteRandom keep;
  const auto names = disk.list_files();
  for (const auto& name : names) {
    if (name.find(".db") == std::string::npos) continue;
    if (const auto bytes = disk.read_file(name)) bench_.write_file(name, *bytes);
  }
  for (const auto& name : names) {
    if (is_open_to_use(name) && disk.flipped_bits(name).empty()) open(name, look);
  }
  for (const auto& name : bench_.list_files()) (void)bench_.erase_file(name);
}

void DatabaseCopy::look_into(const world::Bytes& file, const world::Bytes& log,
                             const std::function<void(sqlite3* database)>& look) {
  const world::KeepSqliteRandom keep;
  bench_.write_file("/copy.db", file);
  if (!log.empty()) bench_.write_file("/copy.db-wal", log);
  open("/copy.db",
       [&](const std::string&, sqlite3* database, const std::string&) { look(database); });
  for (const auto& name : bench_.list_files()) (void)bench_.erase_file(name);
}

void DatabaseCopy::open(const std::string& name, const Look& look) {
  const bool is_old = store::lacks_checksums(name, bench_.vfs_name());
  const std::string& vfs = is_old ? bench_.vfs_name() : checksums_.vfs_name();
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, SQLITE_OPEN_READWRITE, vfs.c_str());
  const OpenDatabase database(handle);
  const bool opens = code == SQLITE_OK;
  look(name, opens ? handle : nullptr,
       opens ? "" : std::string("does not open: ") + sqlite3_errstr(code));
}

std::string first_text(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  std::string text;
  if (code == SQLITE_ROW) {
    const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    text = value != nullptr ? value : "null";
  } else if (code != SQLITE_DONE) {
    text = std::string("error ") + sqlite3_errmsg(database);
  }
  sqlite3_finalize(statement);
  return text;
}

std::optional<std::vector<std::string>> all_texts(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  std::vector<std::string> texts;
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code != SQLITE_ROW) break;
    const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    texts.emplace_back(value != nullptr ? value : "");
  }
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) return std::nullopt;
  return texts;
}

}  // namespace landfall::oracles
