#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "engine/store/brief_lock.hpp"
#include "engine/store/change_journal.hpp"

namespace landfall::cache {

// A document over which no operation is laid, as hosts get it, and since when that is known.
struct ShownDocument {
  std::string json;  // compact: see run_query
  Instant as_of;
};

// The documents that were looked at last, opened and written out, so that they are shown again
// without a read: the tier in front of those on disk. In memory alone and in clear, so that its
// owner clears it when the app is locked, and it ends with the partition.
//
// What it gives out is what the newest commit shows. It hears of each commit before anybody can
// see it: a document goes when its row is changed or removed, and all go when anything else
// changes that an answer could show (operations, other ids, ends of pulls). So whoever asks after
// an acknowledgement reads their own write.
//
// Bounded by bytes; the least recently shown goes first. Any thread.
class MemoryTier final : public store::ChangeWatch {
 public:
  // `commit_seq` is the database's when the tier is made.
  MemoryTier(std::uint64_t commit_seq, std::size_t bytes_max);
  explicit MemoryTier(std::uint64_t commit_seq);

  struct Found {
    ShownDocument document;
    std::uint64_t commit_seq = 0;  // of the newest commit
  };
  // Nothing when it is not here, or when `commit_seq_min` is still to come.
  [[nodiscard]] std::optional<Found> find(const EntityKey& entity, std::int64_t commit_seq_min);

  // A point in the row of all that it hears of. Whoever means to keep what a snapshot shows asks
  // for it before the snapshot is taken.
  enum class Moment : std::uint64_t {};
  [[nodiscard]] Moment moment() const;

  // What a snapshot shows of the row `rowid`. Not taken when anything was heard of since `before`
  // it, or when it alone is larger than all may be.
  void keep(const EntityKey& entity, std::int64_t rowid, ShownDocument document, Moment before);

  void clear() noexcept;
  [[nodiscard]] std::size_t bytes() const;

  void on_committing(const store::RowChanges& changes) noexcept override;
  void on_committed(std::uint64_t commit_seq) noexcept override;
  void on_refused() noexcept override;
  void on_set_late() noexcept override;
  void on_commit_unknown() noexcept override;

 private:
  struct Entry {
    EntityKey entity;
    std::int64_t rowid = 0;
    ShownDocument document;
    std::size_t bytes = 0;
  };
  struct Hash {
    [[nodiscard]] std::size_t operator()(const EntityKey& entity) const noexcept {
      const std::hash<std::string> hash;
      return hash(entity.id) * 31 + hash(entity.type);
    }
  };
  using Entries = std::list<Entry>;  // the one that was shown last is the first

  void drop(Entries::iterator entry);
  void drop_all() noexcept;

  const std::size_t bytes_max_;
  mutable store::BriefLock lock_;
  Entries entries_;
  std::unordered_map<EntityKey, Entries::iterator, Hash> by_entity_;
  std::unordered_map<std::int64_t, Entries::iterator> by_row_;
  std::size_t bytes_ = 0;
  std::uint64_t commit_seq_;
  std::uint64_t heard_of_ = 0;
  bool is_committing_ = false;
  bool is_closed_ = false;  // a commit failed
};

}  // namespace landfall::cache
