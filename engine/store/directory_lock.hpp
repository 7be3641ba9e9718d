#pragma once

#include <sys/types.h>

#include <string>

#include "engine/base/result.hpp"

namespace landfall::store {

// Makes a directory and what is missing above it, for the owner only. Error: directory.unwritable.
[[nodiscard]] Status create_directory(const std::string& directory);

// Sole ownership of an engine's directory, held for the life of this object through `flock` on
// <directory>/lock. It refuses a second engine in another process and in this one. The system drops
// it when the process dies, so that it never has to be cleared by hand. The file stays; only the
// lock on it means something. A forked child neither owns it nor keeps it.
class DirectoryLock final {
 public:
  // Creates the directory (and its parents, for the owner only) where it is missing. Errors, both
  // `refused`:
  //   directory.locked      another engine owns it
  //   directory.unwritable  it cannot be created, opened or written; the message says why
  [[nodiscard]] static Result<DirectoryLock> acquire(const std::string& directory);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) noexcept;

  int descriptor_;
  pid_t process_;  // that took it
};

}  // namespace landfall::store
