#include "engine/cache/freshness.hpp"

#include <algorithm>

#include "engine/base/assert.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/cursor_table.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/document_tiers.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::cache {
namespace {

// Compares instants with `now`.
struct Ages {
  Instant now;
  Duration max_age;

  [[nodiscard]] bool is_fresh(const std::optional<Instant>& at) const {
    return at && is_fresh_at(*at, max_age, now);
  }
};

Result<std::optional<store::Confirmation>> confirmation_of(const store::Reader& reader,
                                                           const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(auto stored, store::find_confirmation(reader, entity));
  if (!stored || stored->scope.empty()) return stored;
  LANDFALL_TRY_ASSIGN(const auto pulled, store::completed_at(reader, stored->scope));
  stored->at = std::max(stored->at, pulled.value_or(Instant{}));
  return stored;
}

Result<std::optional<Instant>> confirmed_at(const store::Reader& reader, const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(const auto stored, confirmation_of(reader, entity));
  return stored ? std::optional<Instant>{stored->at} : std::nullopt;
}

bool wants(const Query& query, bool is_fresh) {
  return query.refresh == Refresh::always || (query.refresh == Refresh::if_stale && !is_fresh);
}

// Since when nothing here means nothing at the server: a scope that was pulled to its end has told
// of all, and nothing of it was thrown away since. Of tier 2 nobody knows.
Result<std::optional<Instant>> absent_since(const store::Reader& reader,
                                            const profile::Entity& entity) {
  if (entity.tier != profile::Tier::pinned) return std::optional<Instant>{};
  LANDFALL_TRY_ASSIGN(const auto beyond, store::beyond_tier1(reader));
  if (beyond.any()) return std::optional<Instant>{};
  return store::completed_at(reader, entity.scope);
}

// One document, also one that is not here.
Status judge_one(const store::Reader& reader, const profile::Entity& entity, const Query& query,
                 const QueryPage& page, const Ages& ages, Freshness& result) {
  LANDFALL_ASSERT(page.entity.has_value());
  const EntityKey& key = *page.entity;
  LANDFALL_TRY_ASSIGN(const auto stored, confirmation_of(reader, key));
  if (stored) {
    result.as_of = stored->at;
    result.rowid = stored->rowid;
  }
  const bool is_made_here = !page.views.empty() && !page.views.front().row_version;
  if (!page.views.empty()) result.fetched_at.push_back(is_made_here ? std::nullopt : result.as_of);
  if (!result.as_of && !is_made_here) {
    LANDFALL_TRY_ASSIGN(result.as_of, absent_since(reader, entity));
  }
  result.is_fresh = ages.is_fresh(result.as_of);
  if (!is_made_here && wants(query, result.is_fresh)) result.refresh.push_back(key);
  return {};
}

Status judge_list(const store::Reader& reader, const Query& query, const QueryPage& page,
                  const Ages& ages, Freshness& result) {
  for (const auto& view : page.views) {
    result.fetched_at.emplace_back();
    if (!view.row_version) continue;
    LANDFALL_TRY_ASSIGN(result.fetched_at.back(), confirmed_at(reader, view.entity));
    const auto& at = result.fetched_at.back();
    if (!at) continue;
    if (!result.as_of || *at < *result.as_of) result.as_of = at;
    if (wants(query, ages.is_fresh(at))) result.refresh.push_back(view.entity);
  }
  result.is_fresh = ages.is_fresh(result.as_of);
  return {};
}

}  // namespace

Duration max_age_of(const Profile& profile, const Query& query) {
  return query.max_age.value_or(profile.entity(query.type)->max_age);
}

bool is_fresh_at(Instant at, Duration max_age, Instant now) {
  return at <= now && now - at <= max_age;
}

Result<Freshness> freshness_of(const store::Reader& reader, const Profile& profile,
                               const Query& query, const QueryPage& page, Instant now) {
  const profile::Entity& entity = *profile.entity(query.type);
  const Ages ages{now, max_age_of(profile, query)};
  Freshness result;
  if (query.id) {
    LANDFALL_TRY(judge_one(reader, entity, query, page, ages, result));
  } else {
    LANDFALL_TRY(judge_list(reader, query, page, ages, result));
    if (!entity.scope.empty()) {
      LANDFALL_TRY_ASSIGN(result.as_of, store::completed_at(reader, entity.scope));
      result.is_fresh = ages.is_fresh(result.as_of);
      result.pull = wants(query, result.is_fresh);
      result.refresh.clear();
    }
  }
  if (entity.tier == profile::Tier::online) result.refresh.clear();
  return result;
}

}  // namespace landfall::cache
