#include "simulator/scenario/damage.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/store/page_checksums.hpp"

namespace landfall::scenario {
namespace {

constexpr std::size_t kPageBytes = 4096;
// Behind a page's own header, in what it holds.
constexpr std::size_t kByteInPage = 2'000;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

std::optional<std::string> find_partition(const world::MemoryDisk& disk) {
  for (const auto& name : disk.list_files()) {
    if (name.find("/partitions/") != std::string::npos && name.ends_with(".db")) return name;
  }
  return std::nullopt;
}

// Nothing when the table is not there. Closing moves the log.
std::optional<std::int64_t> root_page(const world::MemoryDisk& disk, const std::string& path,
                                      const std::string& table) {
  const store::PageChecksums checksums(disk.vfs_name());
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, checksums.vfs_name().c_str());
  const std::unique_ptr<sqlite3, CloseDatabase> database(handle);
  if (code != SQLITE_OK) return std::nullopt;
  sqlite3_stmt* statement = nullptr;
  std::optional<std::int64_t> page;
  if (sqlite3_prepare_v2(handle, "SELECT rootpage FROM sqlite_schema WHERE name = ?1", -1,
                         &statement, nullptr) == SQLITE_OK) {
    sqlite3_bind_text(statement, 1, table.c_str(), -1, SQLITE_TRANSIENT);
    if (sqlite3_step(statement) == SQLITE_ROW) page = sqlite3_column_int64(statement, 0);
  }
  sqlite3_finalize(statement);
  return page;
}

}  // namespace

bool damage_table(world::MemoryDisk& disk, const std::string& table) {
  const auto path = find_partition(disk);
  if (!path) return false;
  const auto page = root_page(disk, *path, table);
  if (!page) return false;
  const std::size_t at = static_cast<std::size_t>(*page - 1) * kPageBytes + kByteInPage;
  return disk.flip_bit(*path, at * 8);
}

}  // namespace landfall::scenario
