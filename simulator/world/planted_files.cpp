#include "simulator/world/planted_files.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/store/migrate.hpp"
#include "engine/store/page_checksums.hpp"
#include "schema/embedded.hpp"
#include "simulator/world/keep_sqlite_random.hpp"

namespace landfall::world {
namespace {

constexpr std::size_t kPageBytes = 4096;
// The migration that gave pages their checksums, of each kind of database.
constexpr std::string_view kChecksumsMigration = "_checksums";
constexpr const char* kOlder = "/older.db";
// Of the header of every SQLite file: how much of a page is not SQLite's.
constexpr std::size_t kReservedBytesAt = 20;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using OpenDatabase = std::unique_ptr<sqlite3, CloseDatabase>;

std::string log_of(const std::string& name) { return name + "-wal"; }

// A copy of one database with its log, on a disk of its own.
class Bench final {
 public:
  Bench(const MemoryDisk& from, const std::string& name)
      : disk_([random = std::make_shared<Random>(1)] { return random->next(); }), name_(name) {
    for (const auto& part : {name, log_of(name)}) {
      if (const auto bytes = from.read_file(part)) disk_.write_file(part, *bytes);
    }
    if (!disk_.read_file(name)) return;
    if (!store::lacks_checksums(name, disk_.vfs_name())) checksums_.emplace(disk_.vfs_name());
    open();
  }

  [[nodiscard]] sqlite3* database() const { return database_.get(); }
  [[nodiscard]] const std::string& vfs_name() const { return disk_.vfs_name(); }

  [[nodiscard]] bool run(const std::string& sql) const {
    return database_ &&
           sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  // The first column of every row, as bytes; nothing when it cannot be read.
  [[nodiscard]] std::optional<std::vector<std::string>> column(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    int code = SQLITE_ERROR;
    if (database_) code = sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &statement, nullptr);
    std::vector<std::string> values;
    while (code == SQLITE_OK || code == SQLITE_ROW) {
      code = sqlite3_step(statement);
      if (code != SQLITE_ROW) break;
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, 0));
      values.emplace_back(bytes == nullptr ? "" : bytes,
                          static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) return std::nullopt;
    return values;
  }

  // Closing moves the log into the file, which stands by itself then. `as`: another of its files.
  [[nodiscard]] bool put_back(MemoryDisk& to, const std::string& as = {}) {
    database_.reset();
    const auto bytes = disk_.read_file(as.empty() ? name_ : as);
    const auto log = disk_.read_file(log_of(as.empty() ? name_ : as));
    if (!bytes || (log && !log->empty())) return false;
    to.write_file(name_, *bytes);
    (void)to.erase_file(log_of(name_));
    return true;
  }

 private:
  void open() {
    sqlite3* handle = nullptr;
    const std::string& vfs = checksums_ ? checksums_->vfs_name() : disk_.vfs_name();
    const int code = sqlite3_open_v2(name_.c_str(), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI, vfs.c_str());
    database_.reset(handle);
    // The first read finds out whether it is one, and looks at the log.
    if (code != SQLITE_OK || !column("SELECT count(*) FROM sqlite_schema")) database_.reset();
  }

  MemoryDisk disk_;
  std::string name_;
  std::optional<store::PageChecksums> checksums_;
  OpenDatabase database_;
};

std::span<const schema::Migration> migrations_of(const std::string& name) {
  return name.ends_with("/device.db") ? schema::device_migrations()
                                      : schema::partition_migrations();
}

std::span<const schema::Migration> without_checksums(const std::string& name) {
  const auto all = migrations_of(name);
  const auto found = std::ranges::find_if(all, [](const schema::Migration& migration) {
    return migration.name.ends_with(kChecksumsMigration);
  });
  return all.first(static_cast<std::size_t>(found - all.begin()));
}

// Whether nothing stands in a table that only newer versions make: an older one has known all of
// it.
bool holds_nothing_newer(const Bench& bench) {
  const auto newer = bench.column(
      "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND "
      "name NOT IN (SELECT name FROM older.sqlite_schema)");
  return newer && std::ranges::all_of(*newer, [&](const std::string& table) {
           const auto rows = bench.column("SELECT 1 FROM main." + table + " LIMIT 1");
           return rows && rows->empty();
         });
}

// The columns that the older version knows.
bool copy_table(const Bench& bench, const std::string& table) {
  const auto columns = bench.column(
      "SELECT group_concat('\"' || name || '\"') FROM "
      "pragma_table_info('" +
      table + "', 'older')");
  return columns && columns->size() == 1 &&
         bench.run("DELETE FROM older." + table + "; INSERT INTO older." + table + " (" +
                   columns->front() + ") SELECT " + columns->front() + " FROM main." + table);
}

bool fill_older(const Bench& bench) {
  const auto tables = bench.column("SELECT name FROM older.sqlite_schema WHERE type = 'table'");
  return tables && holds_nothing_newer(bench) &&
         std::ranges::all_of(*tables,
                             [&](const std::string& table) { return copy_table(bench, table); });
}

// The page of one of the places at which the bytes stand.
std::optional<std::size_t> find_page(const Bytes& bytes, const std::string& what, Random& random) {
  std::vector<std::size_t> pages;
  auto from = bytes.begin();
  while (true) {
    from = std::search(from, bytes.end(), what.begin(), what.end(),
                       [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
    if (from == bytes.end()) break;
    pages.push_back(static_cast<std::size_t>(from - bytes.begin()) / kPageBytes);
    ++from;
  }
  if (pages.empty()) return std::nullopt;
  return pages[random.below(pages.size())];
}

std::size_t draw_page(const Bytes& bytes, const std::vector<std::string>& waiting, Random& random) {
  const std::size_t any = random.below(bytes.size() / kPageBytes);
  if (waiting.empty() || random.chance(0.5)) return any;
  return find_page(bytes, waiting[random.below(waiting.size())], random).value_or(any);
}

}  // namespace

std::optional<std::string> find_partition(const MemoryDisk& disk) {
  std::optional<std::string> found;
  for (const auto& name : disk.list_files()) {
    if (name.find("/partitions/") == std::string::npos || !name.ends_with(".db")) continue;
    if (found) return std::nullopt;
    found = name;
  }
  return found;
}

bool move_log(MemoryDisk& disk, const std::string& name) {
  const KeepSqliteRandom keep;
  Bench bench(disk, name);
  return bench.database() != nullptr && disk.flipped_bits(name).empty() && bench.put_back(disk);
}

bool damage_page(MemoryDisk& disk, const std::string& name, Random& random) {
  const auto waiting = [&] {
    const KeepSqliteRandom keep;
    return Bench(disk, name).column("SELECT id FROM operations WHERE state IN (0, 1, 2, 3, 7)");
  }();
  if (!waiting || !move_log(disk, name)) return false;
  const auto bytes = disk.read_file(name);
  if (!bytes || bytes->size() < kPageBytes) return false;
  if ((*bytes)[kReservedBytesAt] != store::kPageChecksumBytes) return false;
  const std::size_t page = draw_page(*bytes, *waiting, random);
  const std::size_t byte = random.below(kPageBytes);
  return disk.flip_bit(name, (page * kPageBytes + byte) * 8 + random.below(8));
}

bool write_as_older(MemoryDisk& disk, const std::string& name) {
  const KeepSqliteRandom keep;
  if (!disk.flipped_bits(name).empty()) return false;
  Bench bench(disk, name);
  const auto version = bench.column("PRAGMA user_version");
  if (!version || *version == std::vector<std::string>{"0"}) return false;
  const auto migrations = without_checksums(name);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(kOlder, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                   bench.vfs_name().c_str());
  OpenDatabase older(handle);
  const auto run = [&](const std::string& sql) {
    return sqlite3_exec(older.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  };
  bool made = code == SQLITE_OK && run("PRAGMA page_size=4096; PRAGMA journal_mode=WAL");
  for (const auto& migration : migrations) made = made && run(std::string(migration.sql));
  made = made && run("PRAGMA application_id=" + std::to_string(store::kApplicationId) +
                     "; PRAGMA user_version=" + std::to_string(migrations.back().version));
  older.reset();
  return made &&
         bench.run("ATTACH 'file:" + std::string(kOlder) + "?vfs=" + bench.vfs_name() +
                   "' AS older; PRAGMA foreign_keys=OFF") &&
         fill_older(bench) && bench.run("DETACH older") && bench.put_back(disk, kOlder);
}

bool set_version(MemoryDisk& disk, const std::string& name, std::int64_t version) {
  const KeepSqliteRandom keep;
  if (!disk.flipped_bits(name).empty()) return false;
  Bench bench(disk, name);
  return bench.run("PRAGMA user_version=" + std::to_string(version)) && bench.put_back(disk);
}

std::optional<std::int64_t> version_of(const MemoryDisk& disk, const std::string& name) {
  const KeepSqliteRandom keep;
  const Bench bench(disk, name);
  const auto version = bench.column("PRAGMA user_version");
  if (!version || version->size() != 1) return std::nullopt;
  return std::stoll(version->front());
}

}  // namespace landfall::world
