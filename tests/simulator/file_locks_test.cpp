#include "simulator/world/file_locks.hpp"

#include <catch2/catch.hpp>

namespace landfall::world {
namespace {

using enum LockLevel;

TEST_CASE("many readers share a file, and one of them may intend to write") {
  FileLocks locks;
  LockLevel one = none;
  LockLevel two = none;
  CHECK(locks.raise(one, shared));
  CHECK(locks.raise(two, shared));
  CHECK_FALSE(locks.is_reserved());
  CHECK(locks.raise(one, reserved));
  CHECK(locks.is_reserved());
  CHECK_FALSE(locks.raise(two, reserved));
  CHECK_FALSE(locks.raise(two, exclusive));
  CHECK(two == shared);
}

TEST_CASE("a writer waits for readers as pending, which keeps new readers out") {
  FileLocks locks;
  LockLevel writer = none;
  LockLevel reader = none;
  LockLevel newcomer = none;
  CHECK(locks.raise(writer, shared));
  CHECK(locks.raise(reader, shared));
  CHECK(locks.raise(writer, reserved));
  CHECK_FALSE(locks.raise(writer, exclusive));
  CHECK(writer == pending);
  CHECK_FALSE(locks.raise(newcomer, shared));

  locks.lower(reader, none);
  CHECK(locks.raise(writer, exclusive));
  CHECK_FALSE(locks.raise(newcomer, shared));
  locks.lower(writer, shared);
  CHECK(locks.raise(newcomer, shared));
  CHECK_FALSE(locks.is_reserved());
  locks.lower(writer, none);
  CHECK(locks.raise(newcomer, exclusive));
}

TEST_CASE("WAL index slots are shared by readers or held by one, several at once or not at all") {
  WalIndex index;
  WalIndexHold one;
  WalIndexHold two;
  CHECK(index.lock_shared(one, 3));
  CHECK(index.lock_shared(one, 3));
  CHECK(index.lock_shared(two, 3));
  CHECK_FALSE(index.lock_exclusive(two, 2, 3));
  CHECK(index.lock_exclusive(two, 4, 4));
  CHECK_FALSE(index.lock_shared(one, 5));

  // Releasing slots that are another connection's changes nothing.
  index.unlock(one, 0, WalIndex::kSlots);
  CHECK_FALSE(index.lock_shared(one, 5));
  CHECK_FALSE(index.lock_exclusive(one, 3, 1));
  index.unlock(two, 0, WalIndex::kSlots);
  CHECK(index.lock_exclusive(one, 0, WalIndex::kSlots));
}

TEST_CASE("WAL index regions appear zeroed, when asked to, and stay where they are") {
  WalIndex index;
  CHECK(index.region(0, 64, false) == nullptr);
  std::uint8_t* second = index.region(1, 64, true);
  REQUIRE(second != nullptr);
  CHECK(second[63] == 0);
  second[63] = 5;
  CHECK(index.region(9, 64, true) != nullptr);
  CHECK(index.region(1, 64, false) == second);
}

}  // namespace
}  // namespace landfall::world
