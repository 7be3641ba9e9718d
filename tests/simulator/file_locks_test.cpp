#include "simulator/world/file_locks.hpp"

#include <catch2/catch.hpp>

namespace landfall::world {
namespace {

using enum LockLevel;

TEST_CASE("many readers share a file, and one of them may intend to write") {
  FileLocks locks;
  LockLevel one = kNone;
  LockLevel two = kNone;
  CHECK(locks.raise(one, kShared));
  CHECK(locks.raise(two, kShared));
  CHECK_FALSE(locks.is_reserved());
  CHECK(locks.raise(one, kReserved));
  CHECK(locks.is_reserved());
  CHECK_FALSE(locks.raise(two, kReserved));
  CHECK_FALSE(locks.raise(two, kExclusive));
  CHECK(two == kShared);
}

TEST_CASE("a writer waits for readers as pending, which keeps new readers out") {
  FileLocks locks;
  LockLevel writer = kNone;
  LockLevel reader = kNone;
  LockLevel newcomer = kNone;
  CHECK(locks.raise(writer, kShared));
  CHECK(locks.raise(reader, kShared));
  CHECK(locks.raise(writer, kReserved));
  CHECK_FALSE(locks.raise(writer, kExclusive));
  CHECK(writer == kPending);
  CHECK_FALSE(locks.raise(newcomer, kShared));

  locks.lower(reader, kNone);
  CHECK(locks.raise(writer, kExclusive));
  CHECK_FALSE(locks.raise(newcomer, kShared));
  locks.lower(writer, kShared);
  CHECK(locks.raise(newcomer, kShared));
  CHECK_FALSE(locks.is_reserved());
  locks.lower(writer, kNone);
  CHECK(locks.raise(newcomer, kExclusive));
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
