#include "engine/cache/memory_tier.hpp"

#include <iterator>
#include <utility>

#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

// What an entry takes beside its texts: the nodes of the list and of both tables.
constexpr std::size_t kEntryBytes = 320;

}  // namespace

MemoryTier::MemoryTier(std::uint64_t commit_seq, std::size_t bytes_max)
    : bytes_max_(bytes_max), commit_seq_(commit_seq) {}
MemoryTier::MemoryTier(std::uint64_t commit_seq)
    : MemoryTier(commit_seq, limits::kMemoryTierBytesMax) {}

std::optional<MemoryTier::Found> MemoryTier::find(const EntityKey& entity,
                                                  std::int64_t commit_seq_min) {
  const store::BriefLock::Guard guard(lock_);
  if (commit_seq_min > static_cast<std::int64_t>(commit_seq_)) return std::nullopt;
  const auto found = by_entity_.find(entity);
  if (found == by_entity_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return Found{found->second->document, commit_seq_};
}

MemoryTier::Moment MemoryTier::moment() const {
  const store::BriefLock::Guard guard(lock_);
  return Moment{heard_of_};
}

void MemoryTier::keep(const EntityKey& entity, std::int64_t rowid, ShownDocument document,
                      Moment before) {
  const store::BriefLock::Guard guard(lock_);
  if (is_closed_ || is_committing_ || before != Moment{heard_of_}) return;
  if (const auto old = by_entity_.find(entity); old != by_entity_.end()) drop(old->second);
  const std::size_t bytes =
      kEntryBytes + 2 * (entity.type.size() + entity.id.size()) + document.json.size();
  if (bytes > bytes_max_) return;
  while (bytes_ + bytes > bytes_max_) drop(std::prev(entries_.end()));
  entries_.push_front({entity, rowid, std::move(document), bytes});
  by_entity_.emplace(entity, entries_.begin());
  by_row_.insert_or_assign(rowid, entries_.begin());
  bytes_ += bytes;
}

void MemoryTier::clear() noexcept {
  const store::BriefLock::Guard guard(lock_);
  drop_all();
}

std::size_t MemoryTier::bytes() const {
  const store::BriefLock::Guard guard(lock_);
  return bytes_;
}

void MemoryTier::on_committing(const store::RowChanges& changes) noexcept {
  const store::BriefLock::Guard guard(lock_);
  is_committing_ = true;
  ++heard_of_;
  if (changes.others) return drop_all();
  for (const std::int64_t rowid : changes.documents) {
    const auto found = by_row_.find(rowid);
    if (found != by_row_.end()) drop(found->second);
  }
}

void MemoryTier::on_committed(std::uint64_t commit_seq) noexcept {
  const store::BriefLock::Guard guard(lock_);
  is_committing_ = false;
  ++heard_of_;
  commit_seq_ = commit_seq;
}

void MemoryTier::on_refused() noexcept {
  const store::BriefLock::Guard guard(lock_);
  is_committing_ = false;
}

void MemoryTier::on_set_late() noexcept {
  const store::BriefLock::Guard guard(lock_);
  ++heard_of_;
  drop_all();
}

void MemoryTier::on_commit_unknown() noexcept {
  const store::BriefLock::Guard guard(lock_);
  is_closed_ = true;
  drop_all();
}

void MemoryTier::drop(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_entity_.erase(entry->entity);
  by_row_.erase(entry->rowid);
  entries_.erase(entry);
}

void MemoryTier::drop_all() noexcept {
  by_entity_.clear();
  by_row_.clear();
  entries_.clear();
  bytes_ = 0;
}

}  // namespace landfall::cache
