#include "simulator/oracles/sound_disk.hpp"

#include <sqlite3.h>

#include <memory>
#include <optional>

#include "engine/base/random.hpp"
#include "schema/embedded.hpp"
#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {
namespace {

// A long life crashes often: the first ones are all looked at, then every eighth.
constexpr std::uint64_t kAllUpTo = 24;
constexpr std::uint64_t kThenEvery = 8;

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

// The first column of the first row, "" when there is none, "error …" when it cannot be read.
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

bool is_database(std::string_view name) {
  return name.ends_with(".db") && name.find("/quarantine/") == std::string_view::npos;
}

std::size_t newest_version(std::string_view name) {
  return name.ends_with("/device.db") ? schema::device_migrations().size()
                                      : schema::partition_migrations().size();
}

// A database without a version is one that nothing was written to yet.
bool is_whole_version(const std::string& version, const std::string& tables, std::size_t newest) {
  if (version == "0") return tables == "0";
  for (std::size_t known = 1; known <= newest; ++known) {
    if (version == std::to_string(known)) return tables != "0";
  }
  return false;
}

}  // namespace

SoundDisk::SoundDisk()
    : bench_([random = std::make_shared<Random>(1)] { return random->next(); }),
      checksums_(bench_.vfs_name()) {}

void SoundDisk::on_revived(world::VirtualWorld& world, world::VirtualPhone& phone, bool power) {
  const std::uint64_t crash = ++crashes_;
  if (crash > kAllUpTo && crash % kThenEvery != 0) return;
  for (const auto& problem : examine(phone.disk())) {
    world.violate("INV-S1", phone.name() + " after " + (power ? "a power cut" : "a kill") + " at " +
                                format_rfc3339(world.now()) + ": " + problem);
  }
}

std::vector<std::string> SoundDisk::examine(const world::MemoryDisk& disk) {
  const KeepSqliteRandom keep;
  const auto names = disk.list_files();
  for (const auto& name : names) {
    if (name.find(".db") == std::string::npos) continue;
    if (const auto bytes = disk.read_file(name)) bench_.write_file(name, *bytes);
  }
  std::vector<std::string> problems;
  for (const auto& name : names) {
    if (!is_database(name)) continue;
    auto problem = examine_one(name);
    if (!problem.empty()) problems.push_back(name + ": " + problem);
  }
  for (const auto& name : bench_.list_files()) (void)bench_.erase_file(name);
  return problems;
}

std::string SoundDisk::examine_one(const std::string& name) const {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle, SQLITE_OPEN_READWRITE, checksums_.vfs_name().c_str());
  const OpenDatabase database(handle);
  if (code != SQLITE_OK) return std::string("does not open: ") + sqlite3_errstr(code);
  if (auto sound = first_text(handle, "PRAGMA integrity_check"); sound != "ok") return sound;
  if (auto orphan = first_text(handle, "PRAGMA foreign_key_check"); !orphan.empty())
    return "foreign key of a row in " + orphan;
  const auto version = first_text(handle, "PRAGMA user_version");
  const auto tables = first_text(handle, "SELECT count(*) FROM sqlite_schema");
  if (is_whole_version(version, tables, newest_version(name))) return {};
  return "version " + version + " with " + tables + " tables and indexes";
}

}  // namespace landfall::oracles
