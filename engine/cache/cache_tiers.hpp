#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/store/document_tiers.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
class Transaction;
}  // namespace landfall::store

namespace landfall::cache {

// Tier 1 no longer holds all that the profile pins, or holds it again.
struct TierFull {
  bool full = false;
  std::int64_t bytes = 0;      // in tier 1
  std::int64_t bytes_max = 0;  // of the profile
  store::BeyondTier1 beyond;

  friend bool operator==(const TierFull&, const TierFull&) = default;
};

struct TierStatus {
  store::TierSums sums;
  std::int64_t bytes_max = 0;
};

struct CacheStatus {
  TierStatus pinned;
  TierStatus on_demand;
  store::BeyondTier1 beyond;
  store::TierSums evicted;  // since the file was made
};

[[nodiscard]] Result<CacheStatus> read_status(const store::Reader& reader, const Profile& profile);

// Whether documents of this type are fetched ahead and kept. One that the profile does not know is
// when the pull of a scope carries it.
[[nodiscard]] bool is_pinned(const Profile& profile, std::string_view type, std::string_view scope);

// Keeps the tiers of the cache within the profile's limits (P-33, P-34). It works inside the steps
// of whoever writes documents, and is bookkeeping only: nothing leaves it but what its owner should
// tell.
//
// Tier 1 holds what the profile pins, as long as it fits. Beyond that the least recently used are
// kept like documents of tier 2, so that they can still be read, and come back when there is room.
// The owner hears when that begins and when all that is pinned is in tier 1 again.
//
// Tier 2 throws away the least recently used, by bytes, until it fits (a large one a 256th more at
// once). It never throws away a document that an operation still refers to, nor the one that was
// stored last, however large: so it is over its limit by these at most.
class CacheTiers final {
 public:
  // `profile` outlives it.
  explicit CacheTiers(const Profile& profile) : profile_(&profile) {}

  // Sorts the rows anew when the profile's tiers are others than those they were sorted by. The
  // first change of documents does it too, for a disk that has no room at the opening. What was
  // looked at behind `now`, by a clock that was set back since, counts as looked at now.
  [[nodiscard]] Result<std::optional<TierFull>> on_open(store::Transaction& tx, Instant now);

  // A document was looked at, and from now on it is more recent than those that were not. Its row
  // says so once that decides something, once many have been looked at, or at `save_uses`; a
  // process that dies before that forgets it.
  void on_used(const EntityKey& entity, Instant now);

  // All that were looked at are written down.
  [[nodiscard]] Status save_uses(store::Transaction& tx);

  // Documents were stored or removed in this transaction, `stored_last` among them.
  [[nodiscard]] Result<std::optional<TierFull>> on_changed(
      store::Transaction& tx, const std::optional<EntityKey>& stored_last);

  // Those that were thrown away since this was asked last.
  [[nodiscard]] std::vector<EntityKey> take_evicted() { return std::exchange(evicted_, {}); }

  // The user wants everything anew: all goes that can come again, but for `kept`. The file's pages
  // are used again; it does not become smaller.
  [[nodiscard]] Result<store::ClearedDocuments> on_clear(store::Transaction& tx,
                                                         const std::optional<EntityKey>& kept);

  // A full pull has ended: whatever was thrown away of tier 1 before it, and still is, came again.
  [[nodiscard]] Status on_full_pull(store::Transaction& tx);

 private:
  [[nodiscard]] Status sort(store::Transaction& tx);
  [[nodiscard]] Result<bool> save_uses_of(store::Transaction& tx,
                                          const std::vector<store::PlacedDocument>& documents);
  template <class Choose>
  [[nodiscard]] Result<std::vector<store::PlacedDocument>> choose_least_used(store::Transaction& tx,
                                                                             Choose choose);
  [[nodiscard]] Status shrink_pinned(store::Transaction& tx);
  [[nodiscard]] Status refill_pinned(store::Transaction& tx);
  [[nodiscard]] Status shrink_on_demand(store::Transaction& tx,
                                        const std::optional<EntityKey>& kept);

  const Profile* profile_;
  std::map<EntityKey, Instant> uses_;
  std::vector<EntityKey> evicted_;
  bool is_sorted_ = false;
};

}  // namespace landfall::cache
