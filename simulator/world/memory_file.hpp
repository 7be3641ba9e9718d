#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace landfall::world {

// The caller's seeded generator. The disk has none of its own, so that a seed replays a world.
using Draw = std::function<std::uint64_t()>;

using Bytes = std::vector<std::uint8_t>;

// What a power cut does to everything that was not synced: the two extremes are drawn now and
// then because independent draws over many writes practically never reach them.
enum class CutMood { all_lost, all_kept, mixed };

// One simulated file: what a process reads (the page cache) and, behind it, what the medium
// holds. Only the page cache is stored; each change that was not synced keeps the bytes it
// replaced. So a write costs one copy, a sync costs nothing, and a power cut winds back to the
// medium and lets some of the changes through again.
class MemoryFile final {
 public:
  // Reads up to `into.size()` bytes at `offset` and returns how many there were.
  std::size_t read(std::size_t offset, std::span<std::uint8_t> into) const;
  void write(std::size_t offset, std::span<const std::uint8_t> data);
  void truncate(std::size_t size);

  // Everything written so far is durable from now on. Takes constant time.
  void sync();

  // The power goes: each unsynced change is dropped, kept, torn at 512-byte sectors, or torn with
  // garbage in some of its sectors. Damage never leaves the bytes of the change itself, which is
  // what SQLite calls powersafe overwrite. Afterwards page cache and medium are the same.
  void cut_power(const Draw& draw, CutMood mood);

  // Replaces the content, durably: for damage that a test plants.
  void replace(std::span<const std::uint8_t> bytes);
  // Flips one bit of what is read. False when the file is shorter.
  [[nodiscard]] bool flip_bit(std::size_t bit);
  // Every bit that was flipped since the content was replaced, also one that was written over.
  [[nodiscard]] const std::vector<std::size_t>& flipped_bits() const { return flipped_; }

  [[nodiscard]] std::size_t size() const { return cache_.size(); }
  [[nodiscard]] const Bytes& bytes() const { return cache_; }
  // The bytes that unsynced changes replaced: the medium still has them.
  [[nodiscard]] const Bytes& replaced() const { return replaced_; }
  [[nodiscard]] std::size_t unsynced_changes() const { return changes_.size(); }

 private:
  // A change and, in `replaced_` from `replaced_at` on, the bytes that stood there before.
  struct Change {
    bool is_truncate = false;
    std::size_t offset = 0;  // of the write; for a truncate the new size
    std::size_t length = 0;
    std::size_t size_before = 0;
    std::size_t replaced_at = 0;
  };

  // The same change the other way round, to be applied again from the medium's state.
  struct Redo {
    bool is_truncate = false;
    std::size_t offset = 0;
    Bytes data;
  };

  void keep_replaced(std::size_t from, std::size_t to);
  [[nodiscard]] Redo wind_back(const Change& change);
  void apply(std::size_t offset, std::span<const std::uint8_t> data);
  void apply_damaged(const Draw& draw, CutMood mood, Redo& redo);
  void apply_by_sector(const Draw& draw, Redo& redo, bool with_garbage);

  Bytes cache_;
  std::vector<std::size_t> flipped_;
  std::vector<Change> changes_;
  Bytes replaced_;
};

}  // namespace landfall::world
