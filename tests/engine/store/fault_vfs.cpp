#include "tests/engine/store/fault_vfs.hpp"

#include <catch2/catch.hpp>

#include <new>
#include <utility>

namespace landfall::test {

namespace {

// Followed in memory by the file of the system's VFS.
struct FaultFile {
  sqlite3_file base;
  FaultVfs* owner;
  bool is_log;
};

sqlite3_vfs* original_vfs() { return sqlite3_vfs_find("unix-excl"); }

FaultFile& self(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }
sqlite3_file* inner(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(&self(file) + 1); }
const sqlite3_io_methods& methods(sqlite3_file* file) { return *inner(file)->pMethods; }

int close_file(sqlite3_file* file) {
  const int code = methods(file).xClose(inner(file));
  self(file).base.pMethods = nullptr;
  return code;
}

int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  return methods(file).xRead(inner(file), to, bytes, offset);
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  FaultFile& it = self(file);
  ++(it.is_log ? it.owner->log_writes : it.owner->file_writes);
  if (!it.is_log && it.owner->in_file_write) std::exchange(it.owner->in_file_write, nullptr)();
  if (const int fault = it.owner->before_change(false); fault != SQLITE_OK) return fault;
  return methods(file).xWrite(inner(file), from, bytes, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (const int fault = self(file).owner->before_change(false); fault != SQLITE_OK) return fault;
  return methods(file).xTruncate(inner(file), size);
}

// Counted, not done: the power stays on in these tests, and a real sync is most of their time.
int sync_file(sqlite3_file* file, int) {
  FaultFile& it = self(file);
  ++(it.is_log ? it.owner->log_syncs : it.owner->file_syncs);
  return it.owner->before_change(true);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return methods(file).xFileSize(inner(file), size);
}
int lock_file(sqlite3_file* file, int level) { return methods(file).xLock(inner(file), level); }
int unlock_file(sqlite3_file* file, int level) { return methods(file).xUnlock(inner(file), level); }
int check_lock(sqlite3_file* file, int* out) {
  return methods(file).xCheckReservedLock(inner(file), out);
}
int control(sqlite3_file* file, int what, void* with) {
  return methods(file).xFileControl(inner(file), what, with);
}
int sector_size(sqlite3_file* file) { return methods(file).xSectorSize(inner(file)); }
int characteristics(sqlite3_file* file) {
  return methods(file).xDeviceCharacteristics(inner(file));
}

int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return methods(file).xShmMap(inner(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
  return methods(file).xShmLock(inner(file), offset, n, flags);
}
void shm_barrier(sqlite3_file* file) { methods(file).xShmBarrier(inner(file)); }
int shm_unmap(sqlite3_file* file, int remove) {
  return methods(file).xShmUnmap(inner(file), remove);
}

const sqlite3_io_methods kMethods = {
    2,         close_file,  read_file,  write_file, truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_lock, control,    sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,  nullptr,    nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* owner = static_cast<FaultVfs*>(vfs->pAppData);
  ++owner->opens;
  if (owner->in_open) std::exchange(owner->in_open, nullptr)();
  FaultFile& it = self(file);
  it = FaultFile{{nullptr}, owner, (flags & SQLITE_OPEN_WAL) != 0};
  const int code = original_vfs()->xOpen(original_vfs(), name, inner(file), flags, out_flags);
  if (inner(file)->pMethods != nullptr) it.base.pMethods = &kMethods;
  return code;
}

}  // namespace

FaultVfs::FaultVfs() {
  static int count = 0;
  name_ = "fault-" + std::to_string(++count);
  vfs_ = *original_vfs();
  vfs_.zName = name_.c_str();
  vfs_.szOsFile = static_cast<int>(sizeof(FaultFile)) + original_vfs()->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  // The rest of the methods take the original's own data.
  vfs_.xDelete = [](sqlite3_vfs*, const char* path, int sync) {
    return original_vfs()->xDelete(original_vfs(), path, sync);
  };
  vfs_.xAccess = [](sqlite3_vfs*, const char* path, int flags, int* out) {
    return original_vfs()->xAccess(original_vfs(), path, flags, out);
  };
  vfs_.xFullPathname = [](sqlite3_vfs*, const char* path, int bytes, char* out) {
    return original_vfs()->xFullPathname(original_vfs(), path, bytes, out);
  };
  REQUIRE(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&vfs_); }

int FaultVfs::before_change(bool is_sync) {
  const int number = changes++;
  if (fail_at_change < 0 || number < fail_at_change) return SQLITE_OK;
  if (fails_syncs_only && !is_sync) return SQLITE_OK;
  int left = fail_count;
  while (left > 0 && !fail_count.compare_exchange_weak(left, left - 1)) {
  }
  if (left == 0) return SQLITE_OK;
  return is_sync ? SQLITE_IOERR_FSYNC : fault.load();
}

}  // namespace landfall::test
