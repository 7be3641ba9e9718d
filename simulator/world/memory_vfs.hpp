#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "simulator/world/memory_disk.hpp"

namespace landfall::world {

// Binds one MemoryDisk to SQLite: registered while it lives, under a name that no other disk of
// this process ever had. The only place that knows SQLite's VFS interface; policy is in MemoryDisk.
class MemoryVfs final {
 public:
  MemoryVfs(MemoryDisk& disk, Draw draw, UnixClock clock);
  // Every connection must be closed by now.
  ~MemoryVfs();
  MemoryVfs(const MemoryVfs&) = delete;
  MemoryVfs& operator=(const MemoryVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  // Names of the files that the process that runs has open, one for each connection, in order.
  [[nodiscard]] std::vector<std::string> open_files() const;

 private:
  struct Connection;
  struct FileMethods;
  struct DiskMethods;

  [[nodiscard]] std::int64_t now_ms() const;

  MemoryDisk& disk_;
  Draw draw_;
  UnixClock clock_;
  std::string name_;
  sqlite3_vfs vfs_{};
  std::set<const Connection*> connections_;
};

}  // namespace landfall::world
