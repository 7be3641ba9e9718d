#include "actors/delta_pull.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/handler.hpp"
#include "engine/host/outgoing.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/sync/synced_once.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = DeltaPullSelf;
using store::Durability;
using store::Transaction;

void apply(Self self, sync::PullEffects effects);
void stall(Self self, const Error& error);

Error no_room() {
  return {ErrorClass::storage_full, "storage.full", "the disk is full; nothing was changed"};
}

template <class Step>
void run(Self self, std::string_view label, Step step) {
  auto effects = self->state.store.database->write(label, Durability::ordered, std::move(step));
  if (effects) {
    apply(self, std::move(*effects));
    return shorten_log(self, self->state.store);
  }
  if (effects.error().kind == ErrorClass::storage_full) return stall(self, effects.error());
  fail_step(self, effects.error());
}

void send_pull(Self self, sync::PullCall pull) {
  const auto on_answer = [self, number = pull.number,
                          machine = self->state.machines](const http::Answer& answer) {
    if (machine != self->state.machines) return;
    run(self, "delta_pull.answer", [&](Transaction& tx) {
      return self->state.machine->on_answer(tx, number, answer, self->state.core->now());
    });
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(pull.call)})
      .then(handler([on_answer](const http::Answer& answer) { on_answer(answer); }),
            handler([on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

void emit(Self self, std::string key, std::string event, Json data) {
  self->send(self->state.peers.api, EmitEvent{std::move(key), std::move(event),
                                              std::make_shared<const Json>(std::move(data))});
}

// Being offline or logged out is no news of a pull: both have events of their own.
void tell_failed(Self self, const std::optional<Error>& failed) {
  if (!failed || failed->kind == ErrorClass::wait_network || failed->kind == ErrorClass::auth)
    return;
  emit(self, "pull/failed", "pull.failed",
       Json{{"code", failed->code},
            {"message", failed->message},
            {"at", format_rfc3339(self->state.core->now())}});
}

void tell_tier_full(Self self, const cache::TierFull& told) {
  emit(self, "cache/tier_full", "cache.tier_full",
       Json{{"tier", 1},
            {"full", told.full},
            {"bytes", told.bytes},
            {"bytes_max", told.bytes_max},
            {"beyond", told.beyond.kept},
            {"missing", told.beyond.missing}});
}

void tell_queue(Self self, PullAnswered told) {
  const auto address = caf::actor_cast<caf::strong_actor_ptr>(self->state.sync_queue);
  const bool is_empty = told.operations.empty() && told.theirs.empty() && !told.server_time;
  if (is_empty || !address) return;
  self->send(caf::actor_cast<SyncQueueActor>(address), std::move(told));
}

void tell_progress(Self self, const sync::PullEffects& effects) {
  auto& state = self->state;
  state.core->windows->set_pull(state.machine->next_pull_at());
  if (!state.watcher) return;
  self->send(*state.watcher,
             PullProgress{state.machine->is_pulling(), effects.scopes_completed.size(),
                          effects.failed_pull.has_value()});
}

void on_watch(Self self, const WatchProgress& message) {
  self->state.watcher = message.watcher;
  tell_progress(self, {});
}

// The one timer stands for whichever is due first; while there is no room nothing else is.
void arm(Self self) {
  auto& state = self->state;
  if (state.stalled_until) return state.timer->arm(self, state.stalled_until);
  auto at = state.pull_wake_at;
  const auto look_at = state.changes->next_look_at();
  if (look_at && (!at || *look_at < *at)) at = look_at;
  state.timer->arm(self, at);
}

// A question was refused, or its step failed, which is the end of the machine.
void on_refused(Self self, const Error& error) {
  if (error.kind == ErrorClass::storage_full) return stall(self, error);
  if (!store::is_refusal(error)) fail_step(self, error);
}

// Nobody waits for these: what finds no room in the queue is asked for when somebody looks at it.
void refresh_changed(Self self, const std::vector<EntityKey>& entities) {
  auto& state = self->state;
  auto effects = state.store.database->write(
      "delta_pull.changed", Durability::ordered,
      [&](Transaction& tx) { return state.machine->on_refresh(tx, entities, state.core->now()); });
  if (!effects) return on_refused(self, effects.error());
  apply(self, std::move(*effects));
}

// What cannot be looked at is pulled, as if nothing of it were known.
void look_at_changes(Self self) {
  auto& state = self->state;
  if (state.changes->is_empty() || state.stalled_until) return;
  const auto ask = state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.changes->on_look(snapshot, state.machine->is_page_under_way(), state.core->now());
  });
  if (!ask) state.changes.emplace(state.core->profile());
  arm(self);
  if (!ask) return apply(self, state.machine->on_requested(state.core->now()));
  if (!ask->refresh.empty()) refresh_changed(self, ask->refresh);
  if (ask->pull) apply(self, state.machine->on_requested(state.core->now()));
}

// Without room it is written when the next pull ends.
void tell_synced(Self self) {
  auto& state = self->state;
  if (!state.peers.routing || state.is_synced) return;
  const auto synced = state.store.database->write(
      "delta_pull.synced", Durability::ordered,
      [&](Transaction& tx) { return sync::synced_once(tx, state.core->profile()); });
  const bool is_full = !synced && synced.error().kind == ErrorClass::storage_full;
  if (!synced && !is_full) return fail_step(self, synced.error());
  state.is_synced = synced && *synced;
  self->send(state.peers.routing, ScopesSynced{is_full || *synced});
}

// What one step changed goes in one message: a page has hundreds.
void tell_changed(Self self, const std::vector<EntityKey>& changed) {
  if (changed.empty()) return;
  EmitEvents told;
  told.events.reserve(changed.size());
  for (const auto& entity : changed) {
    told.events.push_back({"document/" + entity.type + "/" + entity.id,
                           host::event_text("document.changed", Json{{"entity_type", entity.type},
                                                                     {"entity_id", entity.id}})});
    self->state.peers.watch.look_at(self, entity);
  }
  self->send(self->state.peers.api, std::move(told));
}

void apply(Self self, sync::PullEffects effects) {
  self->state.pull_wake_at = effects.wake_at;
  arm(self);
  tell_progress(self, effects);
  tell_changed(self, effects.changed);
  for (const auto& entity : effects.evicted) self->state.peers.watch.look_at(self, entity);
  for (const auto& scope : effects.scopes_completed) {
    emit(self, "pull/" + scope, "pull.completed",
         Json{{"scope", scope}, {"at", format_rfc3339(self->state.core->now())}});
  }
  if (!effects.scopes_completed.empty()) tell_synced(self);
  if (effects.tier_full) tell_tier_full(self, *effects.tier_full);
  tell_failed(self, effects.failed_pull);
  self->state.waiting.tell(effects);
  tell_queue(self, {std::move(effects.adopted), std::move(effects.theirs), effects.server_time});
  // New documents can wait; the outbox needs the room.
  const bool has_room = !self->state.core->signals->disk_is_low();
  if (effects.pull && !has_room) return stall(self, no_room());
  if (effects.pull) send_pull(self, std::move(*effects.pull));
  look_at_changes(self);
}

// Somebody waits for the server and there is no session to ask it with: whoever keeps the tokens
// hears of it, as of every call that needs one.
void say_who_waits(Self self) {
  auto& state = self->state;
  if (!state.reachable || state.authenticated) return;
  self->request(state.peers.auth_token, caf::infinite, NeedToken{})
      .then(handler([](const Result<auth::AccessToken>&) {}), handler([](const caf::error&) {}));
}

// A question that waits for the server. `ask` puts it to the machine, and `wait` keeps the answer
// for when it comes and gives the effects to carry out; one that is refused is answered at once.
template <class T, class Ask, class Wait>
caf::result<Result<T>> ask_server(Self self, Ask ask, Wait wait) {
  if (self->state.stalled_until) return Result<T>{failure(no_room())};
  auto promise = self->make_response_promise<Result<T>>();
  Answer<T> answer{promise, read_interrupted()};
  auto asked = ask();
  if (asked) {
    apply(self, wait(std::move(*asked), std::move(answer)));
  } else {
    answer.deliver(failure(asked.error()));
    on_refused(self, asked.error());
  }
  return promise;
}

caf::result<Status> refresh(Self self, RefreshDocuments& message) {
  auto& state = self->state;
  std::set<EntityKey> missing;
  const auto ask = [&] {
    return state.store.database->write(
        "delta_pull.refresh", Durability::ordered,
        [&](Transaction& tx) -> Result<sync::PullEffects> {
          LANDFALL_TRY_ASSIGN(auto entities, store::AliasTable::resolve_all(tx, message.entities));
          missing.insert(entities.begin(), entities.end());
          return state.machine->on_refresh(tx, std::move(entities), state.core->now());
        });
  };
  return ask_server<void>(self, ask, [&](sync::PullEffects effects, Answer<void> answer) {
    state.waiting.wait_for_documents(std::move(missing), std::move(answer));
    return effects;
  });
}

caf::result<Result<FetchedDocument>> fetch(Self self, const FetchDocument& message) {
  auto& state = self->state;
  say_who_waits(self);
  const auto ask = [&] {
    return state.store.database->write(
        "delta_pull.fetch", Durability::ordered, [&](Transaction& tx) {
          return state.machine->on_fetch(tx, message.entity, state.core->now());
        });
  };
  return ask_server<FetchedDocument>(
      self, ask, [&](sync::PullEffects effects, Answer<FetchedDocument> answer) {
        state.waiting.wait_for_document(message.entity, std::move(answer));
        return effects;
      });
}

caf::result<Result<SharedList>> ask_list(Self self, AskList& message) {
  auto& state = self->state;
  say_who_waits(self);
  const auto ask = [&] {
    return state.machine->on_list(std::move(message.question), state.core->now());
  };
  return ask_server<SharedList>(self, ask, [&](sync::ListAsked asked, Answer<SharedList> answer) {
    state.waiting.wait_for_list(asked.ticket, std::move(answer));
    return std::move(asked.effects);
  });
}

void on_changed(Self self, const sync::DataChanged& change) {
  auto& state = self->state;
  state.changes->on_changed(change, state.core->now());
  arm(self);
}

// The documents are too many to be told one by one.
void tell_cleared(Self self, const store::ClearedDocuments& cleared) {
  emit(self, "cache/cleared", "cache.cleared",
       Json{{"documents", cleared.removed}, {"kept", cleared.kept}});
  self->state.peers.watch.look_at_all(self, self->state.core->profile());
}

// The user's settings stay: until they came again their quiet hours would be forgotten.
Result<store::ClearedDocuments> clear(Self self) {
  auto& state = self->state;
  auto effects =
      state.store.database->write("delta_pull.clear", Durability::durable, [&](Transaction& tx) {
        return state.machine->on_clear(tx, state.peers.watch.settings, state.core->now());
      });
  if (!effects) {
    if (effects.error().kind == ErrorClass::storage_full) {
      stall(self, effects.error());
    } else {
      fail_step(self, effects.error());
    }
    return failure(effects.error());
  }
  const auto cleared = effects->cleared.value_or(store::ClearedDocuments{});
  tell_cleared(self, cleared);
  apply(self, std::move(*effects));
  return cleared;
}

void tell_ready(Self self) {
  auto& state = self->state;
  if (state.stalled_until) return;
  apply(self, state.machine->on_ready(state.reachable, state.authenticated, state.core->now()));
}

void on_connectivity(Self self, const ConnectivityChanged& changed) {
  self->state.reachable = changed.reachable;
  tell_ready(self);
}

void on_auth(Self self, const AuthChanged& changed) {
  self->state.authenticated = auth::may_call(changed.state);
  tell_ready(self);
}

void adopt(Self self, const AdoptEntities& message) {
  self->state.sync_queue = caf::actor_cast<caf::weak_actor_ptr>(self->current_sender());
  if (message.entities.empty()) return;
  run(self, "delta_pull.adopt", [&](Transaction& tx) {
    return self->state.machine->on_entities(tx, message.entities, self->state.core->now());
  });
}

void make_machine(Self self) {
  auto& state = self->state;
  ++state.machines;
  state.machine.emplace(sync::DeltaPull::Parts{state.core->profile(), *state.store.documents_key,
                                               state.core->device_id, *state.core->repeats,
                                               state.owner});
  run(self, "delta_pull.open",
      [&](Transaction& tx) { return state.machine->on_open(tx, state.core->now()); });
}

// Without room it is done by the first step that finds some.
void sort_tiers(Self self) {
  auto& state = self->state;
  const auto told = state.store.database->write(
      "delta_pull.sort", Durability::ordered,
      [&](Transaction& tx) { return state.machine->on_sort(tx, state.core->now()); });
  if (told && *told) tell_tier_full(self, **told);
  if (told) return;
  if (told.error().kind == ErrorClass::storage_full) return make_machine(self);
  fail_step(self, told.error());
}

// What the disk had no room for was taken back there and still stands in the machine that made it.
void stall(Self self, const Error& error) {
  auto& state = self->state;
  state.waiting.fail_all(error);
  state.stalled_until = state.core->now() + Duration{limits::kStorageRetryMs};
  make_machine(self);
  arm(self);
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.timer->fires(self, fired)) return;
  if (std::exchange(state.stalled_until, std::nullopt)) return tell_ready(self);
  apply(self, state.machine->on_wake(state.core->now()));
}

}  // namespace

DeltaPullActor::behavior_type delta_pull(Self self, SharedCore core, PartitionStore store,
                                         sync::DocumentOwner owner, DeltaPullPeers peers) {
  auto& state = self->state;
  state.owner = std::move(owner);
  state.core = std::move(core);
  state.store = std::move(store);
  state.peers = std::move(peers);
  state.timer.emplace(*state.core->environment.clock);
  state.changes.emplace(state.core->profile());
  make_machine(self);
  sort_tiers(self);
  tell_synced(self);
  self->send(state.peers.connectivity,
             SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
  self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
  return {
      [self](const RequestPull& request) {
        auto& machine = *self->state.machine;
        const Instant now = self->state.core->now();
        apply(self, request.by_user ? machine.on_user_requested(now) : machine.on_requested(now));
      },
      [self](const WatchProgress& message) { on_watch(self, message); },
      [self](RefreshDocuments& message) { return refresh(self, message); },
      [self](const FetchDocument& message) { return fetch(self, message); },
      [self](AskList& message) { return ask_list(self, message); },
      [self](const sync::DataChanged& change) { on_changed(self, change); },
      [self](const PushAnswered&) { look_at_changes(self); },
      [self](const ClearCache&) { return clear(self); },
      [self](const AdoptEntities& message) { adopt(self, message); },
      [self](const DocumentUsed& used) {
        self->state.machine->on_used(used.entity, self->state.core->now());
      },
      [self](const ConnectivityChanged& changed) { on_connectivity(self, changed); },
      [self](const AuthChanged& changed) { on_auth(self, changed); },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
