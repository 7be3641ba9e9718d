#pragma once

#include <sqlite3.h>

#include <string>

namespace landfall::test {

// The system's VFS ("unix-excl") with a counter before each change of a file, and faults on demand.
// It is registered under a name of its own for as long as it lives; databases on it are closed
// before.
class FaultVfs final {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  int log_syncs = 0;   // xSync on a -wal file
  int file_syncs = 0;  // xSync on the database file
  int log_writes = 0;
  int file_writes = 0;
  int changes = 0;  // writes, truncations and syncs of any file
  int opens = 0;

  int fail_at_change = -1;         // this change and later ones fail; -1: never
  int fail_count = -1;             // how many of them fail; -1: all
  int fault = SQLITE_IOERR_WRITE;  // the code a failing write or truncation answers
  bool fails_syncs_only = false;

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
