#include "simulator/world/file_locks.hpp"

#include <algorithm>

namespace landfall::world {
namespace {

constexpr std::uint16_t slot_bit(int slot) { return static_cast<std::uint16_t>(1U << slot); }

}  // namespace

bool FileLocks::raise(LockLevel& mine, LockLevel wanted) {
  if (mine >= wanted) return true;
  if (wanted == LockLevel::shared) {
    if (writer_ >= LockLevel::pending) return false;
    ++holders_;
    mine = wanted;
    return true;
  }
  const bool is_writer = mine >= LockLevel::reserved;
  if (!is_writer && writer_ != LockLevel::none) return false;
  if (wanted == LockLevel::exclusive && holders_ > 1) {
    writer_ = mine = LockLevel::pending;
    return false;
  }
  writer_ = mine = wanted;
  return true;
}

void FileLocks::lower(LockLevel& mine, LockLevel wanted) {
  if (mine <= wanted) return;
  if (mine >= LockLevel::reserved) writer_ = LockLevel::none;
  if (wanted == LockLevel::none) --holders_;
  mine = wanted;
}

std::uint8_t* WalIndex::region(std::size_t number, std::size_t bytes, bool may_extend) {
  if (number >= regions_.size() && !may_extend) return nullptr;
  // make_unique zeroes the memory, which SQLite reads as "no header yet".
  while (regions_.size() <= number) regions_.push_back(std::make_unique<std::uint8_t[]>(bytes));
  return regions_[number].get();
}

bool WalIndex::lock_shared(WalIndexHold& mine, int slot) {
  if ((mine.shared & slot_bit(slot)) != 0) return true;
  Slot& target = slots_[static_cast<std::size_t>(slot)];
  if (target.is_exclusive) return false;
  ++target.readers;
  mine.shared |= slot_bit(slot);
  return true;
}

bool WalIndex::lock_exclusive(WalIndexHold& mine, int slot, int count) {
  const auto first = slots_.begin() + slot;
  const auto is_taken = [](const Slot& each) { return each.is_exclusive || each.readers > 0; };
  if (std::any_of(first, first + count, is_taken)) return false;
  for (int each = slot; each < slot + count; ++each) {
    slots_[static_cast<std::size_t>(each)].is_exclusive = true;
    mine.exclusive |= slot_bit(each);
  }
  return true;
}

void WalIndex::unlock(WalIndexHold& mine, int slot, int count) {
  for (int each = slot; each < slot + count; ++each) {
    Slot& target = slots_[static_cast<std::size_t>(each)];
    const std::uint16_t bit = slot_bit(each);
    if ((mine.shared & bit) != 0) --target.readers;
    if ((mine.exclusive & bit) != 0) target.is_exclusive = false;
    mine.shared &= static_cast<std::uint16_t>(~bit);
    mine.exclusive &= static_cast<std::uint16_t>(~bit);
  }
}

}  // namespace landfall::world
