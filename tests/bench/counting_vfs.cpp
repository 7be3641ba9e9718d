#include "tests/bench/counting_vfs.hpp"

#include <thread>

#include "engine/base/assert.hpp"
#include "engine/store/find_vfs.hpp"
#include "tests/bench/reference.h"

namespace landfall::bench {
namespace {

// Followed in memory by the file of the system's VFS.
struct CountedFile {
  sqlite3_file base;
  CountingVfs* owner;
  bool is_log;
};

// By the engine's way, so that the references have SQLite set up as the engine has.
sqlite3_vfs* system_vfs() {
  static sqlite3_vfs* const vfs = store::find_vfs("unix-excl");
  return vfs;
}

CountedFile& self(sqlite3_file* file) { return *reinterpret_cast<CountedFile*>(file); }
sqlite3_file* inner(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(&self(file) + 1); }
const sqlite3_io_methods& methods(sqlite3_file* file) { return *inner(file)->pMethods; }

// To the microsecond, which a sleep is not where the system's timer ticks every four milliseconds.
// Whoever has work meanwhile gets the processor.
void wait_us(std::int64_t us) {
  const std::int64_t until_ns = reference_now_ns() + us * 1'000;
  while (reference_now_ns() < until_ns) std::this_thread::yield();
}

int close_file(sqlite3_file* file) {
  const int code = methods(file).xClose(inner(file));
  self(file).base.pMethods = nullptr;
  return code;
}
int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 offset) {
  return methods(file).xRead(inner(file), to, bytes, offset);
}
int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  self(file).owner->count_write(bytes);
  return methods(file).xWrite(inner(file), from, bytes, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return methods(file).xTruncate(inner(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  if (!self(file).owner->begin_sync(self(file).is_log)) return SQLITE_OK;
  return methods(file).xSync(inner(file), flags);
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
  CountedFile& it = self(file);
  it = CountedFile{
      {nullptr}, static_cast<CountingVfs*>(vfs->pAppData), (flags & SQLITE_OPEN_WAL) != 0};
  const int code = system_vfs()->xOpen(system_vfs(), name, inner(file), flags, out_flags);
  if (inner(file)->pMethods != nullptr) it.base.pMethods = &kMethods;
  return code;
}

}  // namespace

CountingVfs::CountingVfs(Options options) : options_(options) {
  vfs_ = *system_vfs();
  vfs_.zName = name_.c_str();
  vfs_.szOsFile = static_cast<int>(sizeof(CountedFile)) + system_vfs()->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.xOpen = open_file;
  // The rest of the methods take the system's own data.
  vfs_.xDelete = [](sqlite3_vfs*, const char* path, int sync) {
    return system_vfs()->xDelete(system_vfs(), path, sync);
  };
  vfs_.xAccess = [](sqlite3_vfs*, const char* path, int flags, int* out) {
    return system_vfs()->xAccess(system_vfs(), path, flags, out);
  };
  vfs_.xFullPathname = [](sqlite3_vfs*, const char* path, int bytes, char* out) {
    return system_vfs()->xFullPathname(system_vfs(), path, bytes, out);
  };
  LANDFALL_ASSERT(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

CountingVfs::~CountingVfs() { sqlite3_vfs_unregister(&vfs_); }

DiskCounts CountingVfs::counts() const { return {syncs_, writes_, write_bytes_}; }

void CountingVfs::count_write(int bytes) {
  writes_.fetch_add(1, std::memory_order_relaxed);
  write_bytes_.fetch_add(static_cast<std::uint64_t>(bytes), std::memory_order_relaxed);
}

bool CountingVfs::begin_sync(bool is_log) {
  if (is_log && !options_.syncs_log) return false;
  syncs_.fetch_add(1, std::memory_order_relaxed);
  wait_us(options_.sync_extra_us);
  return true;
}

DiskCounts operator-(const DiskCounts& after, const DiskCounts& before) {
  return {after.syncs - before.syncs, after.writes - before.writes,
          after.write_bytes - before.write_bytes};
}

}  // namespace landfall::bench
