#include "engine/cache/cache_tiers.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <sodium.h>

#include "engine/base/assert.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

using store::PlacedDocument;
using store::TierOfRow;

std::int64_t pinned_bytes_max(const Profile& profile) {
  return static_cast<std::int64_t>(profile.limits.tier1_bytes_max);
}

std::int64_t on_demand_bytes_max(const Profile& profile) {
  return static_cast<std::int64_t>(profile.limits.tier2_bytes_max);
}

// What is left of a tier that threw away: of a large one a little more goes at once, so that those
// that come next find room, and the rows that go share their pages and the look for them.
std::int64_t bytes_behind_eviction(std::int64_t bytes_max) {
  constexpr std::int64_t kShare = 256;
  constexpr auto kStep = static_cast<std::int64_t>(64 * limits::kKiB);
  return bytes_max - bytes_max / kShare / kStep * kStep;
}

store::TypePlacement placement_of(const std::string& type, profile::Tier tier) {
  using Kind = store::TypePlacement::Kind;
  if (tier == profile::Tier::online) return {type, Kind::not_stored};
  return {type, tier == profile::Tier::pinned ? Kind::pinned : Kind::on_demand};
}

// Stands for the tiers of a profile. Never zero, which stands for rows that nobody sorted.
std::int64_t rules_of(const std::vector<store::TypePlacement>& types) {
  std::string text;
  for (const auto& type : types) {
    text += type.type;
    text += static_cast<char>('0' + static_cast<int>(type.kind));
  }
  // libsodium makes no hash of fewer than 16 bytes; half of one is enough to tell two rules apart.
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  const int code = crypto_generichash(hash.data(), hash.size(),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      text.size(), nullptr, 0);
  LANDFALL_ASSERT(code == 0);
  std::uint64_t half = 0;
  for (std::size_t i = 0; i < sizeof half; ++i) half = half << 8U | hash[i];
  return static_cast<std::int64_t>(half >> 1U) | 1;
}

}  // namespace

Result<CacheStatus> read_status(const store::Reader& reader, const Profile& profile) {
  CacheStatus status;
  LANDFALL_TRY_ASSIGN(status.pinned.sums, store::tier_sums(reader, TierOfRow::pinned));
  LANDFALL_TRY_ASSIGN(status.on_demand.sums, store::tier_sums(reader, TierOfRow::on_demand));
  LANDFALL_TRY_ASSIGN(status.beyond, store::beyond_tier1(reader));
  LANDFALL_TRY_ASSIGN(status.evicted, store::evicted_sums(reader));
  status.pinned.bytes_max = pinned_bytes_max(profile);
  status.on_demand.bytes_max = on_demand_bytes_max(profile);
  return status;
}

bool is_pinned(const Profile& profile, std::string_view type, std::string_view scope) {
  const auto* entity = profile.entity(type);
  return entity == nullptr ? !scope.empty() : entity->tier == profile::Tier::pinned;
}

Result<std::optional<TierFull>> CacheTiers::on_open(store::Transaction& tx, Instant now) {
  LANDFALL_TRY(store::believe_uses(tx, now));
  return on_changed(tx, std::nullopt);
}

// Counts from scratch, so that what this transaction has changed before is counted once.
Status CacheTiers::sort(store::Transaction& tx) {
  if (std::exchange(is_sorted_, true)) return {};
  std::vector<store::TypePlacement> types;
  for (const auto& [name, entity] : profile_->entities)
    types.push_back(placement_of(name, entity.tier));
  return store::sort_documents(tx, rules_of(types), types);
}

void CacheTiers::on_used(const EntityKey& entity, Instant now) {
  if (uses_.size() >= limits::kUsesRememberedMax && !uses_.contains(entity)) return;
  uses_[entity] = now;
}

Status CacheTiers::save_uses(store::Transaction& tx) {
  for (const auto& [entity, at] : std::exchange(uses_, {}))
    LANDFALL_TRY(store::note_use(tx, entity, at));
  return {};
}

// Whether some of these were looked at since their rows say: their rows say it now, and whoever
// chose them by their rows has to choose anew. What was chosen and has no such use is chosen
// rightly, because a use only ever makes a document more recent.
Result<bool> CacheTiers::save_uses_of(store::Transaction& tx,
                                      const std::vector<store::PlacedDocument>& documents) {
  bool found = false;
  for (const PlacedDocument& document : documents) {
    const auto use = uses_.find(document.entity);
    if (use == uses_.end()) continue;
    LANDFALL_TRY(store::note_use(tx, use->first, use->second));
    uses_.erase(use);
    found = true;
  }
  return found;
}

template <class Choose>
Result<std::vector<store::PlacedDocument>> CacheTiers::choose_least_used(store::Transaction& tx,
                                                                         Choose choose) {
  while (true) {
    LANDFALL_TRY_ASSIGN(auto chosen, choose());
    LANDFALL_TRY_ASSIGN(const bool were_used, save_uses_of(tx, chosen));
    if (!were_used) return chosen;
  }
}

Result<std::optional<TierFull>> CacheTiers::on_changed(
    store::Transaction& tx, const std::optional<EntityKey>& stored_last) {
  LANDFALL_TRY(sort(tx));
  if (uses_.size() >= limits::kUsesAWriteMin) LANDFALL_TRY(save_uses(tx));
  LANDFALL_TRY(shrink_pinned(tx));
  LANDFALL_TRY(refill_pinned(tx));
  LANDFALL_TRY(shrink_on_demand(tx, stored_last));
  LANDFALL_TRY_ASSIGN(const auto beyond, store::beyond_tier1(tx));
  LANDFALL_TRY_ASSIGN(const bool is_news, store::note_tier1_full(tx, beyond.any()));
  if (!is_news) return std::optional<TierFull>{};
  LANDFALL_TRY_ASSIGN(const auto sums, store::tier_sums(tx, TierOfRow::pinned));
  return std::optional<TierFull>{{beyond.any(), sums.bytes, pinned_bytes_max(*profile_), beyond}};
}

Result<store::ClearedDocuments> CacheTiers::on_clear(store::Transaction& tx,
                                                     const std::optional<EntityKey>& kept) {
  LANDFALL_TRY(sort(tx));
  uses_.clear();
  return store::clear_documents(tx, kept);
}

Status CacheTiers::on_full_pull(store::Transaction& tx) { return store::forget_missing(tx); }

Status CacheTiers::shrink_pinned(store::Transaction& tx) {
  LANDFALL_TRY_ASSIGN(const auto sums, store::tier_sums(tx, TierOfRow::pinned));
  LANDFALL_TRY_ASSIGN(const auto leaving, choose_least_used(tx, [&] {
                        return store::least_used_pinned(tx,
                                                        sums.bytes - pinned_bytes_max(*profile_));
                      }));
  for (const PlacedDocument& document : leaving)
    LANDFALL_TRY(store::move_to_tier(tx, document, TierOfRow::on_demand));
  return {};
}

// What did not fit goes back, the most recently used first, until one does not fit.
Status CacheTiers::refill_pinned(store::Transaction& tx) {
  while (true) {
    LANDFALL_TRY_ASSIGN(const auto candidate, store::most_used_beyond(tx));
    if (!candidate) return {};
    if (!uses_.empty()) {  // another may have been looked at later
      LANDFALL_TRY(save_uses(tx));
      continue;
    }
    LANDFALL_TRY_ASSIGN(const auto sums, store::tier_sums(tx, TierOfRow::pinned));
    if (sums.bytes + candidate->bytes > pinned_bytes_max(*profile_)) return {};
    LANDFALL_TRY(store::move_to_tier(tx, *candidate, TierOfRow::pinned));
  }
}

Status CacheTiers::shrink_on_demand(store::Transaction& tx, const std::optional<EntityKey>& kept) {
  LANDFALL_TRY_ASSIGN(const auto sums, store::tier_sums(tx, TierOfRow::on_demand));
  const std::int64_t bytes_max = on_demand_bytes_max(*profile_);
  if (sums.bytes <= bytes_max) return {};
  LANDFALL_TRY_ASSIGN(const auto leaving, choose_least_used(tx, [&] {
                        return store::least_used_evictable(
                            tx, sums.bytes - bytes_behind_eviction(bytes_max), kept);
                      }));
  for (const PlacedDocument& document : leaving) {
    LANDFALL_TRY(store::evict_document(tx, document));
    evicted_.push_back(document.entity);
  }
  return {};
}

}  // namespace landfall::cache
