#include "engine/sync/delta_pull.hpp"

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace landfall::sync {
namespace {

constexpr std::string_view kEndpoint = "pull";

// What a call met, for those who asked: why there is no answer to their question.
Error error_of(const http::Outcome& outcome) {
  const std::string cause{outcome.cause};
  if (outcome.signal == http::Signal::not_reached) {
    return {ErrorClass::wait_network, cause, "The server could not be reached."};
  }
  if (outcome.block == http::Block::auth)
    return {ErrorClass::auth, cause, "There is no valid session."};
  if (outcome.fate == http::Fate::rejected || outcome.fate == http::Fate::blocked) {
    return {ErrorClass::refused, cause, "The server refuses the call."};
  }
  return {ErrorClass::transient, cause, "The server gave no answer of use."};
}

bool is_cursor_expired(const http::Answer& answer) {
  return answer.response && answer.response->status == 410;
}

// A type that the profile does not know is kept: a later version of the app may. Online-only ones
// never are (P-35).
bool is_kept(const Profile& profile, const Document& document) {
  const auto* entity = profile.entity(document.entity.type);
  return entity == nullptr || entity->tier != profile::Tier::online;
}

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

std::vector<EntityKey> entities_of(const std::vector<KnownDocument>& documents) {
  std::vector<EntityKey> entities;
  for (const KnownDocument& document : documents) entities.push_back(document.entity);
  return entities;
}

void append(std::vector<EntityKey>& to, std::vector<EntityKey> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

DeltaPull::DeltaPull(Parts parts) : parts_(std::move(parts)) {}

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
  PullEffects effects;
  proceed(effects, now);
  return effects;
}

PullEffects DeltaPull::on_ready(bool reachable, bool authenticated, Instant now) {
  const bool was_ready = is_ready();
  reachable_ = reachable;
  authenticated_ = authenticated;
  PullEffects effects;
  if (is_ready() && (!was_ready || session_refused_)) {
    for (Scope& scope : scopes_) scope.requested = true;
    session_refused_ = false;
    failures_ = 0;
    backoff_until_ = {};
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

Result<PullEffects> DeltaPull::on_refresh(const store::Transaction& tx,
                                          std::vector<EntityKey> entities, Instant now) {
  std::set<EntityKey> wanted(entities.begin(), entities.end());
  for (const KnownDocument& queued : refreshes_) wanted.erase(queued.entity);
  if (refreshes_.size() + wanted.size() > limits::kRefreshQueueMax) {
    return failure(ErrorClass::busy, "pull.busy", "Too many documents wait to be refreshed.");
  }
  for (const EntityKey& entity : wanted) LANDFALL_TRY(check_refreshable(parts_.profile, entity));
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
    if (call.scope != nullptr) {
      LANDFALL_TRY(on_page_answer(tx, effects, *call.scope, answer, now));
    } else {
      LANDFALL_TRY(on_refresh_answer(tx, effects, std::move(call.refresh), answer, now));
    }
  }
  proceed(effects, now);
  return effects;
}

Result<PullEffects> DeltaPull::on_entities(store::Transaction& tx,
                                           const std::vector<EntityOfVerdict>& entities,
                                           Instant now) {
  PullEffects effects;
  std::vector<Document> documents;
  for (const EntityOfVerdict& entity : entities) {
    effects.adopted.push_back(entity.operation);
    auto parsed = parse_json(entity.document,
                             JsonLimits{limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
    if (!parsed) continue;
    auto document = parse_document(*parsed, "entity");
    if (document) documents.push_back(std::move(*document));
  }
  LANDFALL_TRY(store_documents(tx, effects, documents, nullptr, now));
  proceed(effects, now);
  return effects;
}

// ---- What to ask next

bool DeltaPull::is_due(const Scope& scope, Instant now) const {
  if (scope.requested || scope.has_more) return true;
  return scope.rules->interval > Duration{0} && now >= scope.periodic_at;
}

Instant DeltaPull::not_before() const { return std::max(backoff_until_, retry_after_until_); }

std::optional<Instant> DeltaPull::next_wake() const {
  if (in_flight_ || !is_ready()) return std::nullopt;
  std::optional<Instant> wake_at;
  for (const Scope& scope : scopes_) {
    const bool waiting = scope.requested || scope.has_more;
    if (!waiting && scope.rules->interval <= Duration{0}) continue;
    const Instant at = std::max(not_before(), waiting ? Instant{} : scope.periodic_at);
    if (!wake_at || at < *wake_at) wake_at = at;
  }
  return wake_at;
}

void DeltaPull::proceed(PullEffects& effects, Instant now) {
  if (!is_ready() && !refreshes_.empty()) {
    Error error =
        reachable_
            ? Error{ErrorClass::auth, "network.no_session", "There is no valid session."}
            : Error{ErrorClass::wait_network, "network.not_sent", "The server is out of reach."};
    drop_refreshes(effects, std::exchange(refreshes_, {}), std::move(error));
  }
  if (now < retry_after_until_ && !refreshes_.empty()) {
    drop_refreshes(
        effects, std::exchange(refreshes_, {}),
        {ErrorClass::busy, "pull.server_busy", "The server asked to be left alone for a while."});
  }
  if (is_ready() && !in_flight_) {
    if (!refreshes_.empty()) {
      ask_refresh(effects);
    } else if (now >= not_before()) {
      const auto due = std::find_if(scopes_.begin(), scopes_.end(),
                                    [&](const Scope& s) { return is_due(s, now); });
      if (due != scopes_.end()) ask_page(effects, *due);
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
  send(effects, InFlight{0, &scope, {}},
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
  in_flight.number = ++last_number_;
  effects.pull =
      PullCall{in_flight.number, http::ApiCall{std::string{kEndpoint}, {}, {}, std::move(body)}};
  in_flight_ = std::move(in_flight);
}

void DeltaPull::drop_refreshes(PullEffects& effects, std::vector<KnownDocument> dropped,
                               Error error) {
  append(effects.not_refreshed, entities_of(dropped));
  effects.failed_refresh = std::move(error);
}

// ---- Answers

http::Outcome DeltaPull::outcome_of(const http::Answer& answer, Instant now) const {
  return http::outcome_of(answer, {.route = http::Route::endpoint,
                                   .retry_after_max = parts_.profile.sync.retry_after_max,
                                   .now = now,
                                   .origin = parts_.profile.origin});
}

Status DeltaPull::on_page_answer(store::Transaction& tx, PullEffects& effects, Scope& scope,
                                 const http::Answer& answer, Instant now) {
  const http::Outcome outcome = outcome_of(answer, now);
  if (is_cursor_expired(answer) && scope.cursor.cursor) return reset(tx, effects, scope, now);
  if (outcome.fate != http::Fate::by_result) {
    back_off(effects, scope, outcome, error_of(outcome), now);
    return {};
  }
  auto page = parse_page(answer.response->body, scope.rules->name);
  if (!page) {
    back_off(effects, scope, http::makes_no_sense(), std::move(page.error()), now);
    return {};
  }
  const bool same = scope.equal_cursors > 0 && page->cursor == scope.cursor.cursor;
  scope.equal_cursors = same ? scope.equal_cursors + 1 : 1;
  if (page->has_more && scope.equal_cursors >= limits::kEqualCursorsMax) {
    back_off(effects, scope, http::makes_no_sense(),
             {ErrorClass::transient, "pull.cursor_stuck",
              "The server says that there is more and never gets on."},
             now);
    return {};
  }
  return apply_page(tx, effects, scope, std::move(*page), now);
}

Status DeltaPull::apply_page(store::Transaction& tx, PullEffects& effects, Scope& scope,
                             PullPage page, Instant now) {
  if (mutant::is(mutant::Mutant::cursor_before_rows)) {
    std::swap(page.changes, scope.held_back);  // the rows go in with the next page, the cursor now
    scope.requested = scope.requested || !scope.held_back.empty();
  }
  LANDFALL_TRY(store_documents(tx, effects, page.changes, &scope, now));
  // A server that repeats itself has not recovered: only a cursor that moves ends a row of
  // failures.
  if (!page.has_more || page.cursor != scope.cursor.cursor) {
    failures_ = 0;
    session_refused_ = false;
  }
  scope.cursor.cursor = std::move(page.cursor);
  scope.has_more = page.has_more;
  if (!page.has_more) LANDFALL_TRY(complete(tx, effects, scope, now));
  return store::save_cursor(tx, scope.rules->name, scope.cursor, now);
}

Status DeltaPull::complete(store::Transaction& tx, PullEffects& effects, Scope& scope,
                           Instant now) {
  if (!scope.cursor.complete) {
    LANDFALL_TRY_ASSIGN(
        auto removed, store::remove_unnamed_documents(tx, {scope.rules->name, scope.cursor.round}));
    append(effects.changed, std::move(removed));
    scope.cursor.complete = true;
  }
  scope.equal_cursors = 0;
  scope.periodic_at = now + scope.rules->interval;
  effects.scopes_completed.push_back(scope.rules->name);
  return {};
}

// The cursor goes back to the beginning and the documents stay until the full pull has named those
// that still are. A server that expires one cursor after the other is asked at the pace of
// failures.
Status DeltaPull::reset(store::Transaction& tx, PullEffects& effects, Scope& scope, Instant now) {
  const bool was_complete = scope.cursor.complete;
  scope.cursor = {std::nullopt, scope.cursor.round + 1, false};
  scope.has_more = false;
  scope.equal_cursors = 0;
  scope.requested = true;
  if (!was_complete) {
    back_off(effects, scope, http::makes_no_sense(),
             {ErrorClass::transient, "pull.cursor_expired",
              "The server forgot a cursor that it had just made."},
             now);
  }
  return store::save_cursor(tx, scope.rules->name, scope.cursor, now);
}

Status DeltaPull::on_refresh_answer(store::Transaction& tx, PullEffects& effects,
                                    std::vector<KnownDocument> asked, const http::Answer& answer,
                                    Instant now) {
  const http::Outcome outcome = outcome_of(answer, now);
  if (outcome.retry_after)
    retry_after_until_ = std::max(retry_after_until_, now + *outcome.retry_after);
  if (outcome.fate != http::Fate::by_result) {
    drop_refreshes(effects, std::move(asked), error_of(outcome));
    return {};
  }
  auto brought = parse_refresh(answer.response->body, asked);
  if (!brought) {
    drop_refreshes(effects, std::move(asked), std::move(brought.error()));
    return {};
  }
  LANDFALL_TRY(store_documents(tx, effects, brought->changes, nullptr, now));
  for (const Document& document : brought->changes) effects.refreshed.push_back(document.entity);
  append(effects.refreshed, std::move(brought->unchanged));
  if (!brought->unnamed.empty()) {
    append(effects.not_refreshed, std::move(brought->unnamed));
    effects.failed_refresh =
        Error{ErrorClass::refused, "document.unknown", "The server does not name the document."};
  }
  return {};
}

Status DeltaPull::store_documents(store::Transaction& tx, PullEffects& effects,
                                  const std::vector<Document>& documents, const Scope* page_of,
                                  Instant now) {
  for (const Document& document : documents) {
    if (!is_kept(parts_.profile, document)) continue;
    LANDFALL_TRY_ASSIGN(const bool newer, store::put_document(tx, parts_.documents_key, document,
                                                              naming_of(document, page_of), now));
    if (newer) effects.changed.push_back(document.entity);
  }
  return {};
}

// A document that came with a verdict or a refresh belongs to the scope that carries its type, as
// if the pull so far had named it: a full pull that begins later and does not know it takes it
// away.
store::Naming DeltaPull::naming_of(const Document& document, const Scope* page_of) const {
  if (page_of != nullptr) return {page_of->rules->name, page_of->cursor.round, true};
  const auto* entity = parts_.profile.entity(document.entity.type);
  for (const Scope& scope : scopes_) {
    if (entity != nullptr && scope.rules->name == entity->scope) {
      return {scope.rules->name, scope.cursor.round, false};
    }
  }
  return {};
}

// The scope stays due. What never left the device waits for the network, and what met no session
// for a new one: the first delay is only for the case that the news of either passed while the call
// was under way.
void DeltaPull::back_off(PullEffects& effects, Scope& scope, const http::Outcome& outcome,
                         Error error, Instant now) {
  scope.requested = true;
  scope.has_more = false;
  scope.equal_cursors = 0;
  session_refused_ = outcome.block == http::Block::auth;
  effects.failed_pull = std::move(error);
  if (outcome.retry_after) {
    retry_after_until_ = std::max(retry_after_until_, now + *outcome.retry_after);
    return;
  }
  const auto& delays = parts_.profile.sync.retry.delays;
  LANDFALL_ASSERT(!delays.empty());
  if (outcome.signal == http::Signal::not_reached) {
    backoff_until_ = now + delays.front();
    return;
  }
  backoff_until_ = now + delays[std::min(failures_, delays.size() - 1)];
  ++failures_;
}

}  // namespace landfall::sync
