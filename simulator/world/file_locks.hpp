#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace landfall::world {

// SQLite's five levels, with its numbers.
enum class LockLevel : std::uint8_t { none, shared, reserved, pending, exclusive };

// The locks of the connections to one database file. Each connection keeps its own level and
// passes it in; at most one of them is above shared.
class FileLocks final {
 public:
  // Raises `mine` to `wanted` (shared, reserved or exclusive). False when another connection is
  // in the way; a connection that waits for readers to leave is then left at pending, so that
  // no new ones come in.
  [[nodiscard]] bool raise(LockLevel& mine, LockLevel wanted);
  // Lowers `mine` to shared or none. Never fails.
  void lower(LockLevel& mine, LockLevel wanted);
  [[nodiscard]] bool is_reserved() const { return writer_ >= LockLevel::reserved; }

 private:
  std::uint32_t holders_ = 0;
  LockLevel writer_ = LockLevel::none;
};

// The slots of the WAL index that one connection holds, as bit sets.
struct WalIndexHold {
  std::uint16_t shared = 0;
  std::uint16_t exclusive = 0;
};

// The shared memory beside one database in WAL mode: regions on the heap and eight lock slots.
// It does not survive the process, as with SQLite's `unix-excl`.
class WalIndex final {
 public:
  static constexpr int kSlots = 8;

  // The region, or null when it does not exist and `may_extend` is false.
  [[nodiscard]] std::uint8_t* region(std::size_t number, std::size_t bytes, bool may_extend);

  [[nodiscard]] bool lock_shared(WalIndexHold& mine, int slot);
  [[nodiscard]] bool lock_exclusive(WalIndexHold& mine, int slot, int count);
  // Gives up what `mine` holds of these slots, shared or exclusive.
  void unlock(WalIndexHold& mine, int slot, int count);

 private:
  struct Slot {
    std::uint32_t readers = 0;
    bool is_exclusive = false;
  };

  std::vector<std::unique_ptr<std::uint8_t[]>> regions_;
  std::array<Slot, kSlots> slots_{};
};

}  // namespace landfall::world
