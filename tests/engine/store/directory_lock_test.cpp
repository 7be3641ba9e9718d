#include "engine/store/directory_lock.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "tests/engine/store/store_fixture.hpp"

using namespace landfall;
using namespace landfall::store;
using namespace landfall::test;

namespace {

// Runs `body` in another process; what it returns is the exit status there.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int kGotIt = 0;
constexpr int kLocked = 1;
constexpr int kUnwritable = 2;
constexpr int kOther = 3;

int try_lock(const std::string& directory) {
  const auto lock = DirectoryLock::acquire(directory);
  if (lock) return kGotIt;
  if (lock.error().kind != ErrorClass::refused) return kOther;
  if (lock.error().code == "directory.locked") return kLocked;
  return lock.error().code == "directory.unwritable" ? kUnwritable : kOther;
}

}  // namespace

TEST_CASE("the directory and its parents are made, for the owner only") {
  TemporaryDirectory directory;
  const std::string path = directory.file("a/b/c");
  const auto lock = DirectoryLock::acquire(path);
  REQUIRE(lock.has_value());
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a second engine in the same process is refused for as long as the first one lives") {
  TemporaryDirectory directory;
  std::optional<DirectoryLock> moved;
  {
    auto lock = DirectoryLock::acquire(directory.path());
    REQUIRE(lock.has_value());
    CHECK(try_lock(directory.path()) == kLocked);
    moved.emplace(std::move(*lock));
  }
  CHECK(try_lock(directory.path()) == kLocked);
  moved.reset();
  CHECK(try_lock(directory.path()) == kGotIt);
}

TEST_CASE("a second engine in another process is refused") {
  TemporaryDirectory directory;
  {
    const auto lock = DirectoryLock::acquire(directory.path());
    REQUIRE(lock.has_value());
    CHECK(in_child([&] { return try_lock(directory.path()); }) == kLocked);
  }
  CHECK(in_child([&] { return try_lock(directory.path()); }) == kGotIt);
}

TEST_CASE("a process that is killed leaves no lock behind") {
  TemporaryDirectory directory;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto lock = DirectoryLock::acquire(directory.path());
    const char byte = lock ? '+' : '-';
    if (::write(ready[1], &byte, 1) == 1) ::pause();
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(byte == '+');
  CHECK(try_lock(directory.path()) == kLocked);
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(try_lock(directory.path()) == kGotIt);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a forked child neither ends its parent's lock nor keeps it") {
  TemporaryDirectory directory;
  std::optional<DirectoryLock> lock = std::move(*DirectoryLock::acquire(directory.path()));
  int dropped[2];
  int over[2];
  REQUIRE(::pipe(dropped) == 0);
  REQUIRE(::pipe(over) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(over[1]);
    lock.reset();
    char byte = '+';
    if (::write(dropped[1], &byte, 1) == 1) (void)!::read(over[0], &byte, 1);
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(dropped[0], &byte, 1) == 1);
  CHECK(in_child([&] { return try_lock(directory.path()); }) == kLocked);
  // Other descriptors of the same lock were open when it forked, and its child lives.
  const pid_t other = ::fork();
  REQUIRE(other >= 0);
  if (other == 0) {
    ::close(over[1]);
    (void)!::read(over[0], &byte, 1);
    ::_exit(0);
  }
  lock.reset();
  CHECK(try_lock(directory.path()) == kGotIt);
  for (const int end : {dropped[0], dropped[1], over[0], over[1]}) ::close(end);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  REQUIRE(::waitpid(other, nullptr, 0) == other);
}

TEST_CASE("a directory that cannot be made, opened or written is directory.unwritable") {
  TemporaryDirectory directory;
  write_file(directory.file("file"), "x");
  CHECK(try_lock("") == kUnwritable);
  CHECK(try_lock(directory.file("file")) == kUnwritable);
  CHECK(try_lock(directory.file("file/below")) == kUnwritable);
  CHECK(try_lock("/proc/landfall/none") == kUnwritable);
  CHECK(try_lock(directory.file(std::string(4096, 'a'))) == kUnwritable);
  REQUIRE(::symlink("elsewhere", directory.file("lock").c_str()) == 0);
  CHECK(try_lock(directory.path()) == kUnwritable);
}

TEST_CASE(
    "a directory without write permission is directory.unwritable, with and without a lock file in "
    "it") {
  TemporaryDirectory directory;
  REQUIRE(::chmod(directory.path().c_str(), 0755) == 0);
  const std::string inside = directory.file("inside");
  REQUIRE(try_lock(inside) == kGotIt);
  REQUIRE(::chmod(inside.c_str(), 0555) == 0);
  REQUIRE(::chmod((inside + "/lock").c_str(), 0666) == 0);
  // Permissions do not bind root, so that root becomes somebody else first.
  const auto as_nobody = [](const std::string& path) {
    if (::getuid() == 0 && ::setuid(65534) != 0) return kOther;
    return try_lock(path);
  };
  CHECK(in_child([&] { return as_nobody(inside); }) == kUnwritable);
  CHECK(in_child([&] { return as_nobody(inside + "/new"); }) == kUnwritable);
  REQUIRE(::chmod(inside.c_str(), 0755) == 0);
}
