#include "engine/store/directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace landfall::store {

namespace {

constexpr mode_t kOwnerOnly = 0700;

Error unwritable(const char* what, int number) {
  return Error{ErrorClass::refused, "directory.unwritable",
               std::string("the engine's directory cannot be ") + what + ": " +
                   std::generic_category().message(number)};
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

int open_lock_file(const std::string& path) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

int lock_without_waiting(int descriptor) {
  int code = -1;
  do {
    code = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (code != 0 && errno == EINTR);
  return code;
}

}  // namespace

// From the top.
Status create_directory(const std::string& directory) {
  for (std::size_t end = directory.find('/', 1); true; end = directory.find('/', end + 1)) {
    const std::string part = directory.substr(0, end);
    if (!is_directory(part) && ::mkdir(part.c_str(), kOwnerOnly) != 0 && errno != EEXIST) {
      return failure(unwritable("created", errno));
    }
    if (end == std::string::npos) break;
  }
  if (!is_directory(directory)) return failure(unwritable("created", ENOTDIR));
  return {};
}

Result<DirectoryLock> DirectoryLock::acquire(const std::string& directory) {
  if (directory.empty() || directory.find('\0') != std::string::npos) {
    return failure(unwritable("opened", EINVAL));
  }
  LANDFALL_TRY(create_directory(directory));
  // The lock file may be there already in a directory that no longer takes new files.
  if (::access(directory.c_str(), W_OK | X_OK) != 0) {
    return failure(unwritable("written", errno));
  }
  const int descriptor = open_lock_file(directory + "/lock");
  if (descriptor < 0) return failure(unwritable("written", errno));
  DirectoryLock lock(descriptor);
  if (lock_without_waiting(descriptor) == 0) return lock;
  if (errno != EWOULDBLOCK) return failure(unwritable("locked", errno));
  return failure(ErrorClass::refused, "directory.locked",
                 "another engine uses this directory, in this process or in another");
}

DirectoryLock::DirectoryLock(int descriptor) noexcept
    : descriptor_(descriptor), process_(::getpid()) {}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), process_(other.process_) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(process_, other.process_);
  return *this;
}

// A child that was forked since shares the lock for as long as it lives, so that closing the
// descriptor would not end it; the child itself must not end it.
DirectoryLock::~DirectoryLock() {
  if (descriptor_ < 0) return;
  if (process_ == ::getpid()) ::flock(descriptor_, LOCK_UN);
  ::close(descriptor_);
}

}  // namespace landfall::store
