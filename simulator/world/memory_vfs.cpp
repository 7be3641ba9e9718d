#include "simulator/world/memory_vfs.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "engine/base/assert.hpp"
#include "simulator/world/memory_vfs_file.hpp"

namespace landfall::world {
namespace {

constexpr int kNameBytesMax = 512;
constexpr int kJournalFlags =
    SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;

// 2025-01-01T00:00:00Z, for a disk without a clock.
constexpr std::int64_t kFixedUnixMs = 1'735'689'600'000;
// SQLite counts from noon in Greenwich on 24 November 4714 BC.
constexpr std::int64_t kJulianEpochOffsetMs = 210'866'760'000'000;
constexpr double kDayMs = 86'400'000.0;

}  // namespace

// The functions that SQLite calls on the disk.
struct MemoryVfs::DiskMethods {
  static MemoryVfs& self(sqlite3_vfs* vfs) { return *static_cast<MemoryVfs*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    file->pMethods = nullptr;
    MemoryVfs& me = self(vfs);
    if (me.disk_.is_dead()) return SQLITE_CANTOPEN;
    const MemoryDisk::OpenRequest request{(flags & SQLITE_OPEN_CREATE) != 0,
                                          (flags & SQLITE_OPEN_EXCLUSIVE) != 0};
    std::shared_ptr<DiskFile> found;
    const IoStatus status = me.disk_.open(name == nullptr ? "" : name, request, found);
    if (status != IoStatus::ok) return SQLITE_CANTOPEN;
    const bool delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    // As SQLite's Unix VFS does: the first sync of a journal syncs its directory too, and with it
    // the removal of the journal before it, which would else come back and undo later commits.
    const bool is_new_journal = request.may_create && (flags & kJournalFlags) != 0;
    auto* const connection =
        new Connection{me, std::move(found), me.disk_.life(), delete_on_close, is_new_journal};
    reinterpret_cast<Connection::Handle*>(file)->connection = connection;
    file->pMethods = &Connection::kMethods;
    me.connections_.insert(connection);
    if (out != nullptr) *out = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    MemoryDisk& disk = self(vfs).disk_;
    if (disk.is_dead()) return SQLITE_IOERR_DELETE;
    if (!disk.find(name)) return SQLITE_IOERR_DELETE_NOENT;
    return to_code(disk.remove(name, sync_directory != 0), SQLITE_IOERR_DELETE);
  }

  // SQLite's own Unix VFS says that an empty file does not exist, and hot journals rely on it.
  static int access(sqlite3_vfs* vfs, const char* name, int what, int* answer) {
    MemoryDisk& disk = self(vfs).disk_;
    if (disk.is_dead()) return SQLITE_IOERR_ACCESS;
    const auto file = disk.find(name);
    const bool counts = file && (what != SQLITE_ACCESS_EXISTS || file->content.size() > 0);
    *answer = counts ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    const std::size_t bytes = std::strlen(name) + 1;
    if (bytes > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(out, name, bytes);
    return SQLITE_OK;
  }

  static int randomness(sqlite3_vfs* vfs, int size, char* out) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(self(vfs).draw_());
    return size;
  }

  // Time passes in the world, not on the disk.
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }

  static int now(sqlite3_vfs* vfs, double* julian_days) {
    *julian_days = static_cast<double>(self(vfs).now_ms() + kJulianEpochOffsetMs) / kDayMs;
    return SQLITE_OK;
  }

  static int now_ms(sqlite3_vfs* vfs, sqlite3_int64* julian_ms) {
    *julian_ms = self(vfs).now_ms() + kJulianEpochOffsetMs;
    return SQLITE_OK;
  }

  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

MemoryVfs::MemoryVfs(MemoryDisk& disk, Draw draw, UnixClock clock)
    : disk_(disk), draw_(std::move(draw)), clock_(std::move(clock)) {
  // A name is never used twice, so that a forgotten connection string cannot reach another disk.
  static std::atomic<std::uint64_t> disks_made = 0;
  name_ = "landfall-disk-" + std::to_string(++disks_made);
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(Connection::Handle);
  vfs_.mxPathname = kNameBytesMax;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = DiskMethods::open;
  vfs_.xDelete = DiskMethods::remove;
  vfs_.xAccess = DiskMethods::access;
  vfs_.xFullPathname = DiskMethods::full_path;
  vfs_.xRandomness = DiskMethods::randomness;
  vfs_.xSleep = DiskMethods::sleep;
  vfs_.xCurrentTime = DiskMethods::now;
  vfs_.xGetLastError = DiskMethods::last_error;
  vfs_.xCurrentTimeInt64 = DiskMethods::now_ms;
  LANDFALL_ASSERT(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
  // Zero would mean "seed from the system". The generator is not one of any secret of the engine.
  const int seed = static_cast<int>(draw_() % 0x7fff'ffff) + 1;
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, static_cast<sqlite3*>(nullptr));
}

MemoryVfs::~MemoryVfs() {
  LANDFALL_ASSERT(connections_.empty());
  sqlite3_vfs_unregister(&vfs_);
}

std::vector<std::string> MemoryVfs::open_files() const {
  std::vector<std::string> names;
  for (const Connection* connection : connections_) {
    if (connection->is_alive()) names.push_back(connection->file->name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::int64_t MemoryVfs::now_ms() const { return clock_ ? clock_() : kFixedUnixMs; }

}  // namespace landfall::world
