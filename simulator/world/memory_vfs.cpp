#include "simulator/world/memory_vfs.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "engine/base/assert.hpp"

namespace landfall::world {
namespace {

constexpr int kSectorBytes = 512;
constexpr int kNameBytesMax = 512;
constexpr int kJournalFlags =
    SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;

// 2025-01-01T00:00:00Z, for a disk without a clock.
constexpr std::int64_t kFixedUnixMs = 1'735'689'600'000;
// SQLite counts from noon in Greenwich on 24 November 4714 BC.
constexpr std::int64_t kJulianEpochOffsetMs = 210'866'760'000'000;
constexpr double kDayMs = 86'400'000.0;

// Levels are passed on by their number.
static_assert(static_cast<int>(LockLevel::shared) == SQLITE_LOCK_SHARED);
static_assert(static_cast<int>(LockLevel::reserved) == SQLITE_LOCK_RESERVED);
static_assert(static_cast<int>(LockLevel::pending) == SQLITE_LOCK_PENDING);
static_assert(static_cast<int>(LockLevel::exclusive) == SQLITE_LOCK_EXCLUSIVE);
static_assert(WalIndex::kSlots == SQLITE_SHM_NLOCK);

int to_code(IoStatus status, int code_if_failed) {
  switch (status) {
    case IoStatus::ok:
      return SQLITE_OK;
    case IoStatus::full:
      return SQLITE_FULL;
    case IoStatus::failed:
    case IoStatus::dead:
      break;
  }
  return code_if_failed;
}

std::span<std::uint8_t> as_bytes(void* data, int size) {
  return {static_cast<std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

std::span<const std::uint8_t> as_bytes(const void* data, int size) {
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

}  // namespace

// What SQLite calls an open file: plain memory of SQLite's that leads to the object of ours.
struct MemoryVfs::Connection {
  struct Handle {
    sqlite3_file base;
    Connection* connection;
  };

  MemoryVfs& vfs;
  std::shared_ptr<DiskFile> file;
  std::uint64_t life = 0;
  bool delete_on_close = false;
  bool owes_directory_sync = false;
  LockLevel level = LockLevel::none;
  std::shared_ptr<WalIndex> index = nullptr;
  WalIndexHold hold = {};

  static Connection& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file)->connection; }

  [[nodiscard]] MemoryDisk& disk() const { return vfs.disk_; }
  // False once the process that opened this is dead, even when another one runs by now.
  [[nodiscard]] bool is_alive() const { return life == disk().life(); }

  [[nodiscard]] IoStatus admit_change(IoKind kind) const {
    return is_alive() ? disk().admit_change(kind) : IoStatus::dead;
  }
  [[nodiscard]] IoStatus admit_look(IoKind kind) const {
    return is_alive() ? disk().admit_look(kind) : IoStatus::dead;
  }

  void drop_index() {
    if (!index) return;
    index->unlock(hold, 0, WalIndex::kSlots);
    index.reset();
  }
};

// The functions that SQLite calls on an open file.
struct MemoryVfs::FileMethods {
  static int close(sqlite3_file* file) {
    Connection& self = Connection::of(file);
    self.drop_index();
    if (self.is_alive()) {
      self.file->locks.lower(self.level, LockLevel::none);
      if (self.delete_on_close && !self.file->name.empty()) {
        static_cast<void>(self.disk().remove(self.file->name, false));
      }
    }
    --self.vfs.open_files_;
    delete &self;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
    Connection& self = Connection::of(file);
    const IoStatus status = self.admit_look(IoKind::read);
    if (status != IoStatus::ok) return to_code(status, SQLITE_IOERR_READ);
    const auto bytes = as_bytes(into, size);
    const auto count = self.file->content.read(static_cast<std::size_t>(offset), bytes);
    if (count == bytes.size()) return SQLITE_OK;
    std::ranges::fill(bytes.subspan(count), std::uint8_t{0});
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    Connection& self = Connection::of(file);
    const IoStatus status = self.admit_change(IoKind::write);
    if (status != IoStatus::ok) return to_code(status, SQLITE_IOERR_WRITE);
    self.file->content.write(static_cast<std::size_t>(offset), as_bytes(data, size));
    return SQLITE_OK;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Connection& self = Connection::of(file);
    const IoStatus status = self.admit_change(IoKind::truncate);
    if (status != IoStatus::ok) return to_code(status, SQLITE_IOERR_TRUNCATE);
    self.file->content.truncate(static_cast<std::size_t>(size));
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int flags) {
    Connection& self = Connection::of(file);
    if (!self.is_alive()) return SQLITE_IOERR_FSYNC;
    const MemoryDisk::SyncScope scope{(flags & SQLITE_SYNC_DATAONLY) == 0,
                                      self.owes_directory_sync};
    const IoStatus status = self.disk().sync(self.file, scope);
    if (status == IoStatus::ok) self.owes_directory_sync = false;
    return to_code(status, SQLITE_IOERR_FSYNC);
  }

  static int size(sqlite3_file* file, sqlite3_int64* size) {
    Connection& self = Connection::of(file);
    if (!self.is_alive()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(self.file->content.size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* file, int level) {
    Connection& self = Connection::of(file);
    const IoStatus status = self.admit_look(IoKind::lock);
    if (status != IoStatus::ok) return to_code(status, SQLITE_IOERR_LOCK);
    const bool is_mine = self.file->locks.raise(self.level, static_cast<LockLevel>(level));
    return is_mine ? SQLITE_OK : SQLITE_BUSY;
  }

  static int unlock(sqlite3_file* file, int level) {
    Connection& self = Connection::of(file);
    if (self.is_alive()) self.file->locks.lower(self.level, static_cast<LockLevel>(level));
    return SQLITE_OK;
  }

  static int check_reserved(sqlite3_file* file, int* is_reserved) {
    Connection& self = Connection::of(file);
    if (!self.is_alive()) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *is_reserved = self.file->locks.is_reserved() ? 1 : 0;
    return SQLITE_OK;
  }

  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return kSectorBytes; }

  // MemoryFile confines damage to the bytes of the write that was cut. Nothing else is promised:
  // writes tear at sectors, are reordered, and a file can grow before its bytes are there.
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int shm_map(sqlite3_file* file, int number, int size, int may_extend,
                     void volatile** region) {
    Connection& self = Connection::of(file);
    *region = nullptr;
    if (!self.is_alive()) return SQLITE_IOERR_SHMMAP;
    if (!self.index) self.index = self.file->wal_index.lock();
    if (!self.index) self.file->wal_index = self.index = std::make_shared<WalIndex>();
    *region = self.index->region(static_cast<std::size_t>(number), static_cast<std::size_t>(size),
                                 may_extend != 0);
    return SQLITE_OK;
  }

  static int shm_lock(sqlite3_file* file, int slot, int count, int flags) {
    Connection& self = Connection::of(file);
    if (!self.index) return SQLITE_IOERR_SHMLOCK;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      self.index->unlock(self.hold, slot, count);
      return SQLITE_OK;
    }
    const IoStatus status = self.admit_look(IoKind::lock);
    if (status != IoStatus::ok) return to_code(status, SQLITE_IOERR_SHMLOCK);
    const bool is_mine = (flags & SQLITE_SHM_SHARED) != 0
                             ? self.index->lock_shared(self.hold, slot)
                             : self.index->lock_exclusive(self.hold, slot, count);
    return is_mine ? SQLITE_OK : SQLITE_BUSY;
  }

  static void shm_barrier(sqlite3_file*) {}

  static int shm_unmap(sqlite3_file* file, int) {
    Connection::of(file).drop_index();
    return SQLITE_OK;
  }

  // Version 2: with shared memory, without memory-mapped reads.
  static constexpr sqlite3_io_methods kTable = {
      .iVersion = 2,
      .xClose = close,
      .xRead = read,
      .xWrite = write,
      .xTruncate = truncate,
      .xSync = sync,
      .xFileSize = size,
      .xLock = lock,
      .xUnlock = unlock,
      .xCheckReservedLock = check_reserved,
      .xFileControl = control,
      .xSectorSize = sector_size,
      .xDeviceCharacteristics = characteristics,
      .xShmMap = shm_map,
      .xShmLock = shm_lock,
      .xShmBarrier = shm_barrier,
      .xShmUnmap = shm_unmap,
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
};

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
    reinterpret_cast<Connection::Handle*>(file)->connection =
        new Connection{me, std::move(found), me.disk_.life(), delete_on_close, is_new_journal};
    file->pMethods = &FileMethods::kTable;
    ++me.open_files_;
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
  LANDFALL_ASSERT(open_files_ == 0);
  sqlite3_vfs_unregister(&vfs_);
}

std::int64_t MemoryVfs::now_ms() const { return clock_ ? clock_() : kFixedUnixMs; }

}  // namespace landfall::world
