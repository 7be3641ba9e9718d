#include "simulator/world/memory_vfs_file.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "engine/store/transaction_label.hpp"

namespace landfall::world {
namespace {

constexpr int kSectorBytes = 512;

// Levels are passed on by their number.
static_assert(static_cast<int>(LockLevel::shared) == SQLITE_LOCK_SHARED);
static_assert(static_cast<int>(LockLevel::reserved) == SQLITE_LOCK_RESERVED);
static_assert(static_cast<int>(LockLevel::pending) == SQLITE_LOCK_PENDING);
static_assert(static_cast<int>(LockLevel::exclusive) == SQLITE_LOCK_EXCLUSIVE);
static_assert(WalIndex::kSlots == SQLITE_SHM_NLOCK);

std::span<std::uint8_t> as_bytes(void* data, int size) {
  return {static_cast<std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

std::span<const std::uint8_t> as_bytes(const void* data, int size) {
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

}  // namespace

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
    self.vfs.connections_.erase(&self);
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
    const IoStatus status = self.admit_write(static_cast<std::uint64_t>(size));
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
    if (self.sync_failed) self.disk().note_poisoned();
    const MemoryDisk::SyncScope scope{(flags & SQLITE_SYNC_DATAONLY) == 0,
                                      self.owes_directory_sync};
    const IoStatus status = self.disk().sync(self.file, scope);
    if (status == IoStatus::ok) self.owes_directory_sync = false;
    if (status == IoStatus::failed) self.sync_failed = true;
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

  static int control(sqlite3_file* file, int what, void* with) {
    if (what != store::kTransactionLabelControl) return SQLITE_NOTFOUND;
    Connection& self = Connection::of(file);
    if (self.is_alive()) self.disk().begin_transaction(*static_cast<const std::string_view*>(with));
    return SQLITE_OK;
  }
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
};

// Version 2: with shared memory, without memory-mapped reads.
const sqlite3_io_methods MemoryVfs::Connection::kMethods = {
    .iVersion = 2,
    .xClose = FileMethods::close,
    .xRead = FileMethods::read,
    .xWrite = FileMethods::write,
    .xTruncate = FileMethods::truncate,
    .xSync = FileMethods::sync,
    .xFileSize = FileMethods::size,
    .xLock = FileMethods::lock,
    .xUnlock = FileMethods::unlock,
    .xCheckReservedLock = FileMethods::check_reserved,
    .xFileControl = FileMethods::control,
    .xSectorSize = FileMethods::sector_size,
    .xDeviceCharacteristics = FileMethods::characteristics,
    .xShmMap = FileMethods::shm_map,
    .xShmLock = FileMethods::shm_lock,
    .xShmBarrier = FileMethods::shm_barrier,
    .xShmUnmap = FileMethods::shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace landfall::world
