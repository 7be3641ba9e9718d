#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>

#include "simulator/world/memory_vfs.hpp"

namespace landfall::world {

// SQLite's code for what became of an I/O; the kind of I/O decides what failing is called.
constexpr int to_code(IoStatus status, int code_if_failed) {
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
  bool sync_failed = false;  // what it wrote since the last sync may be gone without a word
  LockLevel level = LockLevel::none;
  std::shared_ptr<WalIndex> index = nullptr;
  WalIndexHold hold = {};

  static Connection& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file)->connection; }

  [[nodiscard]] MemoryDisk& disk() const { return vfs.disk_; }
  // False once the process that opened this is dead, even when another one runs by now.
  [[nodiscard]] bool is_alive() const { return life == disk().life(); }

  [[nodiscard]] IoStatus admit_change(IoKind kind) const {
    if (sync_failed && is_alive()) disk().note_poisoned();
    return is_alive() ? disk().admit_change(kind) : IoStatus::dead;
  }
  [[nodiscard]] IoStatus admit_write(std::uint64_t bytes) const {
    if (sync_failed && is_alive()) disk().note_poisoned();
    return is_alive() ? disk().admit_write(bytes) : IoStatus::dead;
  }
  [[nodiscard]] IoStatus admit_look(IoKind kind) const {
    return is_alive() ? disk().admit_look(kind) : IoStatus::dead;
  }

  void drop_index() {
    if (!index) return;
    index->unlock(hold, 0, WalIndex::kSlots);
    index.reset();
  }

  // The functions that SQLite calls on it.
  static const sqlite3_io_methods kMethods;
};

}  // namespace landfall::world
