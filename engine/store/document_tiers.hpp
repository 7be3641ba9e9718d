#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall::store {

class Reader;
class Rows;
class Transaction;

// Where a document's bytes count. Rows of `documents` carry it, and the sums of each tier stand in
// `counters`, changed in the same transaction as the rows. Written by the pull machine only.
enum class TierOfRow { pinned = 1, on_demand = 2 };

struct TierSums {
  std::int64_t bytes = 0;      // of all rows, tombstones included
  std::int64_t documents = 0;  // that are no tombstones

  friend bool operator==(const TierSums&, const TierSums&) = default;
};

// A document as far as its place in the cache goes.
struct PlacedDocument {
  std::int64_t rowid = 0;
  EntityKey entity;
  std::int64_t bytes = 0;
  bool deleted = false;
  bool pinned = false;
  TierOfRow tier = TierOfRow::on_demand;

  // Wanted in tier 1, and not in it for want of room.
  [[nodiscard]] bool is_beyond() const { return pinned && tier == TierOfRow::on_demand; }
};

// Of a row that begins with rowid, entity_type, entity_id, bytes, deleted, pinned, tier.
[[nodiscard]] PlacedDocument read_placed(const Rows& row);

[[nodiscard]] Result<TierSums> tier_sums(const Reader& reader, TierOfRow tier);
// What tier 1 should hold and does not.
struct BeyondTier1 {
  std::int64_t kept = 0;     // documents that are pinned and count in tier 2
  std::int64_t missing = 0;  // those of them that were evicted since the last full pull

  [[nodiscard]] bool any() const { return kept > 0 || missing > 0; }
  friend bool operator==(const BeyondTier1&, const BeyondTier1&) = default;
};
[[nodiscard]] Result<BeyondTier1> beyond_tier1(const Reader& reader);
// Whether tier 1 is full; true when that is not what was noted last.
[[nodiscard]] Result<bool> note_tier1_full(Transaction& tx, bool full);
// A full pull has brought back all there is.
[[nodiscard]] Status forget_missing(Transaction& tx);
// Evicted so far, since the file was made.
[[nodiscard]] Result<TierSums> evicted_sums(const Reader& reader);

// Adds the row to the sums of its tier, or takes it away (`sign` -1).
[[nodiscard]] Status count_document(Transaction& tx, const PlacedDocument& document, int sign);

// From the least recently used on, as many of tier 1 as hold at least `bytes` together.
[[nodiscard]] Result<std::vector<PlacedDocument>> least_used_pinned(const Reader& reader,
                                                                    std::int64_t bytes);
// The same of tier 2, without `kept` and without those that an operation still refers to: one that
// is not settled and is about it or names it, or one whose verdict has an entity that is not yet a
// document (P-34).
[[nodiscard]] Result<std::vector<PlacedDocument>> least_used_evictable(
    const Reader& reader, std::int64_t bytes, const std::optional<EntityKey>& kept);
// The most recently used of those beyond tier 1.
[[nodiscard]] Result<std::optional<PlacedDocument>> most_used_beyond(const Reader& reader);

[[nodiscard]] Status move_to_tier(Transaction& tx, PlacedDocument document, TierOfRow tier);
[[nodiscard]] Status evict_document(Transaction& tx, const PlacedDocument& document);
[[nodiscard]] Status note_use(Transaction& tx, const EntityKey& entity, Instant at);
// Nothing was used behind `now`: a clock that was set back since would let no look count for long.
[[nodiscard]] Status believe_uses(Transaction& tx, Instant now);

// Removes every document but `kept` and those that an operation still refers to, as
// least_used_evictable has it, and counts what is left from scratch. They are not counted as
// evicted.
struct ClearedDocuments {
  std::int64_t removed = 0;  // rows
  std::int64_t kept = 0;
};
[[nodiscard]] Result<ClearedDocuments> clear_documents(Transaction& tx,
                                                       const std::optional<EntityKey>& kept);

// Sorts every row anew and counts from scratch. `rules` stands for the profile's tiers: nothing is
// done while it is the one that the rows were sorted by last.
struct TypePlacement {
  std::string type;
  enum class Kind { pinned, on_demand, not_stored } kind;
};
[[nodiscard]] Status sort_documents(Transaction& tx, std::int64_t rules,
                                    const std::vector<TypePlacement>& types);

}  // namespace landfall::store
