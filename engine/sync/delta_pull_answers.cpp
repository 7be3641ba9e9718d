#include "engine/sync/delta_pull.hpp"

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/pull_error.hpp"
#include "schema/limits.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace landfall::sync {
namespace {

// The cursor is of no use any more: the server says that it forgot it (410), or does not know what
// to make of the call (400). The cursor is the one thing in a page's call that is not the same each
// time, so that a cursor which was damaged, or made before the server's data was restored, is met
// with 400 for ever. If something else is wrong, a scope without a cursor meets it too and waits as
// it did; what it costs is one full pull, and nothing is removed before that has come to its end.
bool is_cursor_refused(const http::Answer& answer) {
  return answer.response && (answer.response->status == 410 || answer.response->status == 400);
}

// A type that the profile does not know is kept: a later version of the app may. Online-only ones
// never are (P-35).
bool is_kept(const Profile& profile, const Document& document) {
  const auto* entity = profile.entity(document.entity.type);
  return entity == nullptr || entity->tier != profile::Tier::online;
}

std::vector<EntityKey> entities_of(const std::vector<KnownDocument>& documents) {
  std::vector<EntityKey> entities;
  for (const KnownDocument& document : documents) entities.push_back(document.entity);
  return entities;
}

void note_time(PullEffects& effects, const std::optional<Instant>& told, const http::Answer& answer,
               Instant now) {
  if (told) effects.server_time = ServerTime{*told, answer.left_at, now};
}

void append(std::vector<EntityKey>& to, std::vector<EntityKey> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

void DeltaPull::drop_refreshes(PullEffects& effects, std::vector<KnownDocument> dropped,
                               Error error) {
  append(effects.not_refreshed, entities_of(dropped));
  effects.failed_refresh = std::move(error);
}

http::Outcome DeltaPull::outcome_of(const http::Answer& answer, Instant now) const {
  return http::outcome_of(answer, {.route = http::Route::endpoint,
                                   .retry_after_max = parts_.profile.sync.retry_after_max,
                                   .now = now,
                                   .origin = parts_.profile.origin});
}

Status DeltaPull::heed(store::Transaction& tx, const http::Outcome& outcome, Instant now) {
  if (!outcome.retry_after) return {};
  retry_after_until_ = std::max(retry_after_until_, now + *outcome.retry_after);
  return store::CounterTable::set(tx, store::kPullHoldUntilMs, retry_after_until_.unix_ms);
}

Status DeltaPull::on_page_answer(store::Transaction& tx, PullEffects& effects, Scope& scope,
                                 const http::Answer& answer, Instant now) {
  const http::Outcome outcome = outcome_of(answer, now);
  LANDFALL_TRY(heed(tx, outcome, now));
  if (is_cursor_refused(answer) && scope.cursor.cursor) return reset(tx, effects, scope, now);
  if (outcome.fate != http::Fate::by_result) {
    back_off(effects, scope, outcome, pull_error(outcome), now);
    return {};
  }
  auto page = parse_page(answer.response->body, scope.rules->name, &page_memory_);
  if (!page || !page->has_more) page_memory_.release();
  if (!page) {
    back_off(effects, scope, http::makes_no_sense(), std::move(page.error()), now);
    return {};
  }
  note_time(effects, page->server_time, answer, now);
  if (auto foreign = refuse_foreign(parts_.profile, parts_.owner, page->changes)) {
    back_off(effects, scope, http::makes_no_sense(), std::move(*foreign), now);
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

// The scope is due from its beginning, so that what the page says is of no use. That the server
// cannot be reached or wants to be left alone is.
Status DeltaPull::on_outdated_answer(store::Transaction& tx, PullEffects& effects, Scope& scope,
                                     const http::Answer& answer, Instant now) {
  const http::Outcome outcome = outcome_of(answer, now);
  LANDFALL_TRY(heed(tx, outcome, now));
  if (outcome.fate == http::Fate::by_result || is_cursor_refused(answer)) return {};
  back_off(effects, scope, outcome, pull_error(outcome), now);
  return {};
}

Status DeltaPull::apply_page(store::Transaction& tx, PullEffects& effects, Scope& scope,
                             PullPage page, Instant now) {
  if (mutant::is(mutant::Mutant::cursor_before_rows)) {
    std::swap(page.changes, scope.held_back);  // the rows go in with the next page, the cursor now
    scope.requested = scope.requested || !scope.held_back.empty();
  }
  if (mutant::is(mutant::Mutant::ignore_tombstones))
    std::erase_if(page.changes, [](const Document& document) { return document.deleted; });
  LANDFALL_TRY(store_documents(tx, effects, page.changes, Origin{&scope}, now));
  // A server that repeats itself has not recovered: only a cursor that moves ends a row of
  // failures.
  if (!page.has_more || page.cursor != scope.cursor.cursor) {
    failures_ = 0;
    session_refused_ = false;
  }
  scope.cursor.cursor = std::move(page.cursor);
  scope.has_more = page.has_more;
  if (!page.has_more) LANDFALL_TRY(complete(tx, effects, scope, now));
  LANDFALL_TRY(tiers_.save_uses(tx));
  LANDFALL_TRY(balance_tiers(tx, effects));
  return store::save_cursor(tx, scope.rules->name, scope.cursor, now);
}

Status DeltaPull::complete(store::Transaction& tx, PullEffects& effects, Scope& scope,
                           Instant now) {
  if (!scope.cursor.complete) {
    LANDFALL_TRY_ASSIGN(
        auto removed, store::remove_unnamed_documents(tx, {scope.rules->name, scope.cursor.round}));
    append(effects.changed, std::move(removed));
    LANDFALL_TRY(tiers_.on_full_pull(tx));
    scope.cursor.complete = true;
  }
  if (!scope.requested) LANDFALL_TRY(ask_unconfirmed(tx, scope));
  store::note_completed(tx, scope.rules->name, now);
  scope.equal_cursors = 0;
  scope.periodic_at = now + scope.rules->interval;
  effects.scopes_completed.push_back(scope.rules->name);
  return {};
}

// Behind the pull that a verdict asked for: what it has not named it never may. What finds no room
// in the queue is asked for behind the next one.
Status DeltaPull::ask_unconfirmed(const store::Transaction& tx, const Scope& scope) {
  LANDFALL_TRY_ASSIGN(auto entities,
                      store::find_unconfirmed(tx, scope.rules->name, limits::kRefreshDocumentsMax));
  for (EntityKey& entity : entities) LANDFALL_TRY(ask_for(tx, std::move(entity)));
  return ask_for_conflicts(tx);
}

Status DeltaPull::ask_for_conflicts(const store::Transaction& tx) {
  LANDFALL_TRY_ASSIGN(auto waiting,
                      store::OperationTable::awaiting_document(tx, limits::kRefreshDocumentsMax));
  for (Operation& operation : waiting) LANDFALL_TRY(ask_for(tx, std::move(operation.entity), true));
  return {};
}

// By nobody's wish but the machine's own: where the queue has room, and nobody has asked.
Status DeltaPull::ask_for(const store::Transaction& tx, EntityKey entity, bool for_conflict) {
  const auto queued =
      std::find_if(refreshes_.begin(), refreshes_.end(),
                   [&](const KnownDocument& asked) { return asked.entity == entity; });
  if (queued != refreshes_.end()) queued->for_conflict = queued->for_conflict || for_conflict;
  if (queued != refreshes_.end() || refreshes_.size() >= limits::kRefreshQueueMax) return {};
  LANDFALL_TRY_ASSIGN(const auto row_version, store::find_row_version(tx, entity));
  refreshes_.push_back({std::move(entity), row_version, for_conflict});
  return {};
}

// The cursor goes back to the beginning and the documents stay until the full pull has named those
// that still are. A server that expires one cursor after the other is asked at the pace of
// failures.
Status DeltaPull::reset(store::Transaction& tx, PullEffects& effects, Scope& scope, Instant now) {
  const bool was_complete = scope.cursor.complete;
  LANDFALL_TRY(start_again(tx, scope, now));
  if (!was_complete) {
    back_off(effects, scope, http::makes_no_sense(),
             {ErrorClass::transient, "pull.cursor_expired",
              "The server refuses a cursor that it had just made."},
             now);
  }
  return {};
}

Status DeltaPull::on_refresh_answer(store::Transaction& tx, PullEffects& effects,
                                    std::vector<KnownDocument> asked, const http::Answer& answer,
                                    Instant now) {
  const http::Outcome outcome = outcome_of(answer, now);
  LANDFALL_TRY(heed(tx, outcome, now));
  if (outcome.fate != http::Fate::by_result) {
    drop_refreshes(effects, std::move(asked), pull_error(outcome));
    return {};
  }
  auto brought = parse_refresh(answer.response->body, asked);
  if (!brought) {
    drop_refreshes(effects, std::move(asked), std::move(brought.error()));
    return {};
  }
  note_time(effects, brought->server_time, answer, now);
  // Those that were asked for with it are as good as they would be without it.
  auto& changes = brought->changes;
  const auto others = std::stable_partition(
      changes.begin(), changes.end(),
      [&](const Document& each) { return !is_foreign(parts_.profile, parts_.owner, each); });
  std::optional<Error> foreign;
  for (auto each = others; each != changes.end(); ++each) {
    if (!foreign) foreign = foreign_document(each->entity.type);
    brought->unnamed.push_back(each->entity);
  }
  changes.erase(others, changes.end());
  LANDFALL_TRY(store_documents(tx, effects, brought->changes, Origin{}, now));
  LANDFALL_TRY(balance_tiers(tx, effects));
  std::set<EntityKey> changed;  // a server may name one in several versions
  for (const Document& document : brought->changes) changed.insert(document.entity);
  append(effects.refreshed, {changed.begin(), changed.end()});
  LANDFALL_TRY(confirm(tx, effects, asked, *brought, now));
  LANDFALL_TRY(tell_conflicts(tx, effects, asked, *brought));
  effects.brought = std::move(brought->changes);
  if (!brought->unnamed.empty()) {
    append(effects.not_refreshed, std::move(brought->unnamed));
    effects.failed_refresh = foreign.value_or(
        Error{ErrorClass::refused, "document.unknown", "The server does not name the document."});
  }
  return {};
}

// What was thrown away while the question was under way is asked for once more, in full. Of what
// was not here then either the server has said nothing.
Status DeltaPull::confirm(store::Transaction& tx, PullEffects& effects,
                          const std::vector<KnownDocument>& asked, RefreshAnswer& brought,
                          Instant now) {
  std::map<EntityKey, bool> had_version;  // whether for a conflict
  for (const KnownDocument& document : asked) {
    if (document.row_version) had_version.emplace(document.entity, document.for_conflict);
  }
  for (EntityKey& entity : brought.unchanged) {
    LANDFALL_TRY_ASSIGN(const bool is_here, store::confirm_document(tx, entity, now));
    if (is_here) {
      effects.refreshed.push_back(std::move(entity));
    } else if (had_version.contains(entity)) {
      const bool for_conflict = had_version.at(entity);
      refreshes_.push_back({std::move(entity), std::nullopt, for_conflict});
    } else {
      brought.unnamed.push_back(std::move(entity));
    }
  }
  // Asking once more would bring no other answer.
  for (const EntityKey& entity : brought.unnamed) LANDFALL_TRY(store::end_unconfirmed(tx, entity));
  return {};
}

// What it brought, or what is here where that is as new. What is asked for once more comes later.
Status DeltaPull::tell_conflicts(const store::Transaction& tx, PullEffects& effects,
                                 const std::vector<KnownDocument>& asked,
                                 const RefreshAnswer& brought) const {
  std::set<EntityKey> wanted;
  for (const KnownDocument& document : asked) {
    if (document.for_conflict) wanted.insert(document.entity);
  }
  if (wanted.empty()) return {};
  LANDFALL_TRY_ASSIGN(const auto waiting,
                      store::OperationTable::awaiting_document(tx, limits::kRefreshDocumentsMax));
  for (const Operation& operation : waiting) {
    const EntityKey& entity = operation.entity;
    if (!wanted.contains(entity)) continue;
    LANDFALL_TRY_ASSIGN(auto theirs, store::find_document(tx, parts_.documents_key, entity));
    for (const Document& came : brought.changes) {
      if (came.entity != entity) continue;
      if (!theirs || came.row_version > theirs->row_version) theirs = came;
    }
    const bool is_unnamed = std::ranges::count(brought.unnamed, entity) > 0;
    if (is_unnamed) theirs.reset();
    if (theirs || is_unnamed) effects.theirs.push_back({operation.id, std::move(theirs)});
  }
  return {};
}

Status DeltaPull::store_documents(store::Transaction& tx, PullEffects& effects,
                                  const std::vector<Document>& documents, Origin origin,
                                  Instant now) {
  for (const Document& document : documents) {
    if (!is_kept(parts_.profile, document)) continue;
    LANDFALL_TRY_ASSIGN(const bool newer, store::put_document(tx, parts_.documents_key, document,
                                                              naming_of(document, origin), now));
    if (!newer) continue;
    effects.changed.push_back(document.entity);
    stored_last_ = document.entity;
  }
  return {};
}

Status DeltaPull::balance_tiers(store::Transaction& tx, PullEffects& effects) {
  LANDFALL_TRY_ASSIGN(effects.tier_full,
                      tiers_.on_changed(tx, std::exchange(stored_last_, std::nullopt)));
  append(effects.evicted, tiers_.take_evicted());
  return {};
}

// A document that came with a verdict or a refresh belongs to the scope that carries its type, as
// if the pull so far had named it: a full pull that begins later and does not know it takes it
// away.
store::Naming DeltaPull::naming_of(const Document& document, Origin origin) const {
  const std::string& type = document.entity.type;
  if (origin.page_of != nullptr) {
    const std::string& name = origin.page_of->rules->name;
    const bool pinned = cache::is_pinned(parts_.profile, type, name);
    return {name, origin.page_of->cursor.round, true, pinned};
  }
  const auto* entity = parts_.profile.entity(type);
  store::Naming naming;
  naming.by_verdict = origin.by_verdict;
  naming.pinned = cache::is_pinned(parts_.profile, type, "");
  for (const Scope& scope : scopes_) {
    if (entity == nullptr || scope.rules->name != entity->scope) continue;
    naming.scope = scope.rules->name;
    naming.round = scope.cursor.round;
  }
  return naming;
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
  failed_at_ = now;
  if (outcome.retry_after) return;
  const auto& delays = parts_.profile.sync.retry.delays;
  LANDFALL_ASSERT(!delays.empty());
  if (outcome.signal == http::Signal::not_reached) {
    backoff_until_ = now + delays.front();
    return;
  }
  backoff_until_ = now + delays[std::min(failures_, delays.size() - 1)];
  if (mutant::is(mutant::Mutant::pull_without_backoff)) backoff_until_ = now + Duration{500};
  ++failures_;
}

}  // namespace landfall::sync
