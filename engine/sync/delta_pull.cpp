#include "engine/sync/delta_pull.hpp"

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

namespace landfall::sync {
namespace {

constexpr std::string_view kEndpoint = "pull";

Status check_refreshable(const Profile& profile, const EntityKey& key) {
  const auto* entity = profile.entity(key.type);
  if (entity == nullptr) {
    return failure(ErrorClass::invalid, "entity.unknown_type",
                   "There is no type " + quote_input(key.type) + ".");
  }
  if (entity->tier == profile::Tier::online) {
    return failure(ErrorClass::invalid, "entity.online_only",
                   quote_input(key.type) + " is never stored.");
  }
  return {};
}

}  // namespace

DeltaPull::DeltaPull(Parts parts)
    : parts_(std::move(parts)),
      tiers_(parts_.profile),
      pulls_(parts_.repeats, http::RepeatRank::news) {}

// ---- Events

Result<PullEffects> DeltaPull::on_open(store::Transaction& tx, Instant now) {
  LANDFALL_ASSERT(scopes_.empty());
  for (const profile::PullScope& rules : parts_.profile.sync.scopes) {
    LANDFALL_TRY_ASSIGN(auto cursor, store::find_cursor(tx, rules.name));
    Scope scope{};
    scope.rules = &rules;
    if (cursor) scope.cursor = std::move(*cursor);
    scopes_.push_back(std::move(scope));
  }
  // A clock that was set back makes no wait longer than a server may ask for.
  LANDFALL_TRY_ASSIGN(const std::int64_t held_ms,
                      store::CounterTable::get(tx, store::kPullHoldUntilMs));
  retry_after_until_ = std::min(Instant{held_ms}, now + parts_.profile.sync.retry_after_max);
  if (retry_after_until_ < Instant{held_ms}) {
    LANDFALL_TRY(store::CounterTable::set(tx, store::kPullHoldUntilMs, retry_after_until_.unix_ms));
  }
  PullEffects effects;
  proceed(effects, now);
  return effects;
}

Result<std::optional<cache::TierFull>> DeltaPull::on_sort(store::Transaction& tx, Instant now) {
  return tiers_.on_open(tx, now);
}

PullEffects DeltaPull::on_ready(bool reachable, bool authenticated, Instant now) {
  const bool was_ready = is_ready();
  reachable_ = reachable;
  authenticated_ = authenticated;
  PullEffects effects;
  if (is_ready() && (!was_ready || session_refused_)) {
    for (Scope& scope : scopes_) scope.requested = true;
    // A network that comes and goes many times a minute makes no storm (INV-Q9).
    const Instant soonest = session_refused_ ? Instant{} : soonest_repeat();
    session_refused_ = false;
    failures_ = 0;
    backoff_until_ = std::min(backoff_until_, soonest);
  }
  proceed(effects, now);
  return effects;
}

PullEffects DeltaPull::on_requested(Instant now) {
  for (Scope& scope : scopes_) scope.requested = true;
  PullEffects effects;
  proceed(effects, now);
  return effects;
}

PullEffects DeltaPull::on_user_requested(Instant now) {
  backoff_until_ = std::min(backoff_until_, soonest_repeat());
  return on_requested(now);
}

Result<PullEffects> DeltaPull::on_refresh(const store::Transaction& tx,
                                          std::vector<EntityKey> entities, Instant now) {
  for (const EntityKey& entity : entities) LANDFALL_TRY(check_refreshable(parts_.profile, entity));
  return ask_for(tx, {entities.begin(), entities.end()}, now);
}

Result<PullEffects> DeltaPull::on_fetch(const store::Transaction& tx, const EntityKey& entity,
                                        Instant now) {
  std::set<EntityKey> wanted{entity};
  if (in_flight_) {
    for (const KnownDocument& asked : in_flight_->refresh) wanted.erase(asked.entity);
  }
  return ask_for(tx, std::move(wanted), now);
}

Result<PullEffects> DeltaPull::ask_for(const store::Transaction& tx, std::set<EntityKey> wanted,
                                       Instant now) {
  for (const KnownDocument& queued : refreshes_) wanted.erase(queued.entity);
  if (refreshes_.size() + wanted.size() > limits::kRefreshQueueMax) {
    return failure(ErrorClass::busy, "pull.busy", "Too many documents wait to be refreshed.");
  }
  std::vector<KnownDocument> asked;
  for (const EntityKey& entity : wanted) {
    LANDFALL_TRY_ASSIGN(const auto row_version, store::find_row_version(tx, entity));
    asked.push_back({entity, row_version});
  }
  std::move(asked.begin(), asked.end(), std::back_inserter(refreshes_));
  PullEffects effects;
  proceed(effects, now);
  return effects;
}

Result<PullEffects> DeltaPull::on_clear(store::Transaction& tx,
                                        const std::optional<EntityKey>& kept, Instant now) {
  PullEffects effects;
  LANDFALL_TRY_ASSIGN(effects.cleared, tiers_.on_clear(tx, kept));
  for (Scope& scope : scopes_) {
    LANDFALL_TRY(start_again(tx, scope, now));
    store::note_completed(tx, scope.rules->name, Instant{});
  }
  if (in_flight_) in_flight_->outdated = in_flight_->scope != nullptr;
  for (KnownDocument& queued : refreshes_) {
    LANDFALL_TRY_ASSIGN(queued.row_version, store::find_row_version(tx, queued.entity));
  }
  LANDFALL_TRY(balance_tiers(tx, effects));
  proceed(effects, now);
  return effects;
}

PullEffects DeltaPull::on_wake(Instant now) {
  PullEffects effects;
  proceed(effects, now);
  return effects;
}

Result<PullEffects> DeltaPull::on_answer(store::Transaction& tx, std::uint64_t number,
                                         const http::Answer& answer, Instant now) {
  PullEffects effects;
  if (in_flight_ && in_flight_->number == number) {
    InFlight call = std::move(*in_flight_);
    in_flight_.reset();
    if (!call.list) pulls_.on_answer(answer);
    if (call.outdated) {
      LANDFALL_TRY(on_outdated_answer(tx, effects, *call.scope, answer, now));
    } else if (call.scope != nullptr) {
      LANDFALL_TRY(on_page_answer(tx, effects, *call.scope, answer, now));
    } else if (call.list) {
      LANDFALL_TRY(on_list_answer(tx, effects, *call.list, answer, now));
    } else {
      LANDFALL_TRY(on_refresh_answer(tx, effects, std::move(call.refresh), answer, now));
    }
  }
  proceed(effects, now);
  return effects;
}

// A cache that let a document go has nothing newer to keep, and an old receipt, shown, would take
// back what a later operation of this device made of it (INV-Q14).
Result<bool> DeltaPull::is_behind_our_own(const store::Transaction& tx, const Document& document) {
  LANDFALL_TRY_ASSIGN(const auto here, store::find_row_version(tx, document.entity));
  if (here) return false;
  LANDFALL_TRY_ASSIGN(const auto produced,
                      store::OperationTable::version_produced_before(
                          tx, document.entity, std::numeric_limits<std::int64_t>::max()));
  return produced && *produced > document.row_version;
}

Result<PullEffects> DeltaPull::on_entities(store::Transaction& tx,
                                           const std::vector<EntityOfVerdict>& entities,
                                           Instant now) {
  PullEffects effects;
  std::vector<Document> documents;
  std::vector<EntityKey> behind;
  bool is_one_missing = false;
  for (const EntityOfVerdict& entity : entities) {
    if (entity.document.empty()) {
      is_one_missing = true;
      continue;
    }
    effects.adopted.push_back(entity.operation);
    auto parsed = parse_json(entity.document,
                             JsonLimits{limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
    if (!parsed) continue;
    auto document = parse_document(*parsed, "entity");
    if (!document || is_foreign(parts_.profile, parts_.owner, *document)) continue;
    LANDFALL_TRY_ASSIGN(const bool is_behind, is_behind_our_own(tx, *document));
    if (is_behind) {
      behind.push_back(std::move(document->entity));
    } else {
      documents.push_back(std::move(*document));
    }
  }
  LANDFALL_TRY(store_documents(tx, effects, documents, Origin{nullptr, true}, now));
  for (EntityKey& entity : behind) {
    LANDFALL_TRY_ASSIGN(const auto here, store::find_row_version(tx, entity));
    if (!here) LANDFALL_TRY(ask_for(tx, std::move(entity)));
  }
  if (is_one_missing) LANDFALL_TRY(ask_for_conflicts(tx));
  LANDFALL_TRY(balance_tiers(tx, effects));
  proceed(effects, now);
  return effects;
}

// From its beginning, as soon as it may.
Status DeltaPull::start_again(store::Transaction& tx, Scope& scope, Instant now) {
  scope.cursor = {std::nullopt, scope.cursor.round + 1, false};
  scope.requested = true;
  scope.has_more = false;
  scope.equal_cursors = 0;
  scope.held_back.clear();
  return store::save_cursor(tx, scope.rules->name, scope.cursor, now);
}

// ---- What to ask next

bool DeltaPull::is_due(const Scope& scope, Instant now) const {
  if (scope.requested || scope.has_more) return true;
  return scope.rules->interval > Duration{0} && now >= scope.periodic_at;
}

Instant DeltaPull::soonest_repeat() const { return failed_at_ + Duration{limits::kResendGapMs}; }

Instant DeltaPull::not_before() const {
  const Instant asked = std::max(backoff_until_, retry_after_until_);
  if (mutant::is(mutant::Mutant::pull_without_backoff)) return asked;
  return std::max(asked, pulls_.held_until());
}

std::optional<Instant> DeltaPull::next_wake() const {
  return in_flight_ || !is_ready() ? std::nullopt : next_pull_at();
}

bool DeltaPull::is_pulling() const {
  if (is_page_under_way()) return true;
  return std::any_of(scopes_.begin(), scopes_.end(),
                     [](const Scope& scope) { return scope.requested || scope.has_more; });
}

std::optional<Instant> DeltaPull::next_pull_at() const {
  std::optional<Instant> wake_at;
  for (const Scope& scope : scopes_) {
    const bool waiting = scope.requested || scope.has_more;
    if (!waiting && scope.rules->interval <= Duration{0}) continue;
    const Instant at = std::max(not_before(), waiting ? Instant{} : scope.periodic_at);
    if (!wake_at || at < *wake_at) wake_at = at;
  }
  return wake_at;
}

// Why nobody can be asked on behalf of somebody who waits, if so.
std::optional<Error> DeltaPull::way_is_barred(Instant now) const {
  if (!reachable_)
    return Error{ErrorClass::wait_network, "network.not_sent", "The server is out of reach."};
  if (!authenticated_)
    return Error{ErrorClass::auth, "network.no_session", "There is no valid session."};
  if (now >= retry_after_until_) return std::nullopt;
  return Error{ErrorClass::busy, "pull.server_busy",
               "The server asked to be left alone for a while."};
}

void DeltaPull::proceed(PullEffects& effects, Instant now) {
  if (auto barred = way_is_barred(now)) {
    if (!refreshes_.empty()) drop_refreshes(effects, std::exchange(refreshes_, {}), *barred);
    for (const AskedList& list : std::exchange(lists_, {}))
      effects.lists.push_back({list.ticket, failure(*barred)});
  }
  if (is_ready() && !in_flight_) {
    if (!refreshes_.empty()) {
      ask_refresh(effects);
      pulls_.on_sent(now);
    } else if (!lists_.empty()) {
      ask_list(effects);
    } else if (now >= not_before()) {
      const auto due = std::find_if(scopes_.begin(), scopes_.end(),
                                    [&](const Scope& s) { return is_due(s, now); });
      if (due != scopes_.end()) {
        ask_page(effects, *due);
        pulls_.on_sent(now);
      }
    }
  }
  effects.wake_at = next_wake();
}

void DeltaPull::ask_page(PullEffects& effects, Scope& scope) {
  // What asks from here on wants to know what the server has after this call, so it asks for one
  // more.
  scope.requested = false;
  const std::size_t limit =
      scope.rules->page_limit > 0 ? scope.rules->page_limit : limits::kPullPageDefault;
  InFlight call;
  call.scope = &scope;
  send(effects, std::move(call),
       page_body(parts_.device_id, scope.rules->name, scope.cursor.cursor, limit));
}

void DeltaPull::ask_refresh(PullEffects& effects) {
  const std::size_t count = std::min(refreshes_.size(), limits::kRefreshDocumentsMax);
  const auto end = refreshes_.begin() + static_cast<std::ptrdiff_t>(count);
  InFlight call;
  call.refresh.assign(refreshes_.begin(), end);
  refreshes_.erase(refreshes_.begin(), end);
  std::string body = refresh_body(parts_.device_id, call.refresh);
  send(effects, std::move(call), std::move(body));
}

void DeltaPull::send(PullEffects& effects, InFlight in_flight, std::string body) {
  send(effects, std::move(in_flight), {std::string{kEndpoint}, {}, {}, std::move(body)});
}

void DeltaPull::send(PullEffects& effects, InFlight in_flight, http::ApiCall call) {
  in_flight.number = ++last_number_;
  effects.pull = PullCall{in_flight.number, std::move(call)};
  in_flight_ = std::move(in_flight);
}

}  // namespace landfall::sync
