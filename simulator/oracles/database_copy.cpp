#include "simulator/oracles/database_copy.hpp"

#include <sqlite3.h>

#include <memory>
#include <string_view>

#include "engine/base/random.hpp"

namespace landfall::oracles {
namespace {

// SQLite has one random generator for the whole process; worlds depend on its state.
class KeepSqliteRandom final {
 public:
  KeepSqliteRandom() { sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SAVE); }
  KeepSqliteRandom(const KeepSqliteRandom&) = delete;
  KeepSqliteRandom& operator=(const KeepSqliteRandom&) = delete;
  ~KeepSqliteRandom() { sqlite3_test_control(SQLITE_TESTCTRL_PRNG_RESTORE); }
};

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
  const KeepSqliteRandom keep;
  const auto names = disk.list_files();
  for (const auto& name : names) {
    if (name.find(".db") == std::string::npos) continue;
    if (const auto bytes = disk.read_file(name)) bench_.write_file(name, *bytes);
  }
  for (const auto& name : names) {
    if (!is_open_to_use(name)) continue;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(name.c_str(), &handle, SQLITE_OPEN_READWRITE,
                                     checksums_.vfs_name().c_str());
    const OpenDatabase database(handle);
    const bool opens = code == SQLITE_OK;
    look(name, opens ? handle : nullptr,
         opens ? "" : std::string("does not open: ") + sqlite3_errstr(code));
  }
  for (const auto& name : bench_.list_files()) (void)bench_.erase_file(name);
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

}  // namespace landfall::oracles
