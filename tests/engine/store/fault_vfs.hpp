#pragma once

#include <sqlite3.h>

#include <atomic>
#include <functional>
#include <string>

namespace landfall::test {

// The system's VFS ("unix-excl") with a counter before each change of a file, and faults on demand.
// It is registered under a name of its own for as long as it lives; databases on it are closed
// before. Any thread.
class FaultVfs final {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  std::atomic<int> log_syncs = 0;   // xSync on a -wal file
  std::atomic<int> file_syncs = 0;  // xSync on the database file
  std::atomic<int> log_writes = 0;
  std::atomic<int> file_writes = 0;
  std::atomic<int> changes = 0;  // writes, truncations and syncs of any file
  std::atomic<int> opens = 0;

  std::atomic<int> fail_at_change = -1;         // this change and later ones fail; -1: never
  std::atomic<int> fail_count = -1;             // how many of them fail; -1: all
  std::atomic<int> fault = SQLITE_IOERR_WRITE;  // the code a failing write or truncation answers
  std::atomic<bool> fails_syncs_only = false;

  std::function<void()> in_open;        // called once, when the next file is opened
  std::function<void()> in_file_write;  // called once, in the next write of a database file

  // What the next change has to answer instead of being done; SQLITE_OK: do it.
  int before_change(bool is_sync);

  struct Original {
    sqlite3_vfs* vfs;
  };

 private:
  std::string name_;
  sqlite3_vfs vfs_{};
};

}  // namespace landfall::test
