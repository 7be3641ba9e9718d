#include "simulator/world/memory_file.hpp"

#include <algorithm>
#include <iterator>

namespace landfall::world {
namespace {

constexpr std::size_t kSectorBytes = 512;

void fill_with_garbage(const Draw& draw, std::span<std::uint8_t> bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % sizeof word == 0) word = draw();
    bytes[i] = static_cast<std::uint8_t>(word >> (8 * (i % sizeof word)));
  }
}

}  // namespace

std::size_t MemoryFile::read(std::size_t offset, std::span<std::uint8_t> into) const {
  if (offset >= cache_.size()) return 0;
  const std::size_t count = std::min(into.size(), cache_.size() - offset);
  std::copy_n(cache_.data() + offset, count, into.data());
  return count;
}

void MemoryFile::write(std::size_t offset, std::span<const std::uint8_t> data) {
  changes_.push_back({false, offset, data.size(), cache_.size(), replaced_.size()});
  keep_replaced(offset, offset + data.size());
  apply(offset, data);
}

void MemoryFile::truncate(std::size_t size) {
  changes_.push_back({true, size, 0, cache_.size(), replaced_.size()});
  keep_replaced(size, cache_.size());
  cache_.resize(size);
}

void MemoryFile::sync() {
  changes_.clear();
  replaced_.clear();
}

void MemoryFile::replace(std::span<const std::uint8_t> bytes) {
  sync();
  cache_.assign(bytes.begin(), bytes.end());
  flipped_.clear();
}

bool MemoryFile::flip_bit(std::size_t bit) {
  if (bit / 8 >= cache_.size()) return false;
  cache_[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  flipped_.push_back(bit);
  return true;
}

void MemoryFile::cut_power(const Draw& draw, CutMood mood) {
  std::vector<Redo> redos;
  redos.reserve(changes_.size());
  std::transform(changes_.rbegin(), changes_.rend(), std::back_inserter(redos),
                 [this](const Change& change) { return wind_back(change); });
  sync();
  if (mood == CutMood::all_lost) return;
  for (auto redo = redos.rbegin(); redo != redos.rend(); ++redo) apply_damaged(draw, mood, *redo);
}

void MemoryFile::keep_replaced(std::size_t from, std::size_t to) {
  const std::size_t end = std::min(to, cache_.size());
  if (from >= end) return;
  replaced_.insert(replaced_.end(), cache_.data() + from, cache_.data() + end);
}

MemoryFile::Redo MemoryFile::wind_back(const Change& change) {
  Redo redo{change.is_truncate, change.offset, {}};
  if (!change.is_truncate) {
    const auto* written = cache_.data() + change.offset;
    redo.data.assign(written, written + change.length);
  }
  cache_.resize(change.size_before);
  // Changes are wound back newest first, so this one's replaced bytes are the last that are kept.
  std::copy(replaced_.begin() + static_cast<std::ptrdiff_t>(change.replaced_at), replaced_.end(),
            cache_.data() + std::min(change.offset, change.size_before));
  replaced_.resize(change.replaced_at);
  return redo;
}

void MemoryFile::apply(std::size_t offset, std::span<const std::uint8_t> data) {
  if (offset == cache_.size()) {
    cache_.insert(cache_.end(), data.begin(), data.end());
    return;
  }
  if (cache_.size() < offset + data.size()) cache_.resize(offset + data.size());
  std::copy(data.begin(), data.end(), cache_.data() + offset);
}

void MemoryFile::apply_damaged(const Draw& draw, CutMood mood, Redo& redo) {
  enum class Fate : std::uint8_t { dropped, kept, torn, garbage };
  const Fate fate = mood == CutMood::all_kept ? Fate::kept : static_cast<Fate>(draw() % 4);
  if (redo.is_truncate) {
    // A change of size happens or does not; there is nothing in it to tear.
    if (fate == Fate::kept || fate == Fate::torn) cache_.resize(redo.offset);
    return;
  }
  if (fate == Fate::kept) apply(redo.offset, redo.data);
  if (fate == Fate::torn || fate == Fate::garbage) {
    apply_by_sector(draw, redo, fate == Fate::garbage);
  }
}

void MemoryFile::apply_by_sector(const Draw& draw, Redo& redo, bool with_garbage) {
  for (std::size_t done = 0; done < redo.data.size();) {
    const std::size_t at = redo.offset + done;
    const std::size_t length = std::min(kSectorBytes - at % kSectorBytes, redo.data.size() - done);
    const std::span<std::uint8_t> sector{redo.data.data() + done, length};
    const std::uint64_t fate = draw() % (with_garbage ? 3 : 2);
    if (fate == 2) fill_with_garbage(draw, sector);
    if (fate != 0) apply(at, sector);
    done += length;
  }
}

}  // namespace landfall::world
