#include "actors/sync_queue.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/handler.hpp"
#include "actors/sync_queue_steps.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = SyncQueueSelf;
using store::Durability;
using store::Transaction;

void send_push(Self self, sync::PushCall push);

// What stands ready leaves before the answer to the call before it is settled.
void let_next_go(Self self, const BatchId& batch, const http::Answer& answer) {
  auto& state = self->state;
  if (!state.machine || state.paused) return;
  auto next = state.machine->take_ready(batch, answer, state.core->now());
  if (next) send_push(self, std::move(*next));
}

void send_push(Self self, sync::PushCall push) {
  ++self->state.pushes_open;
  self->state.sent_untold += push.operations.size();
  const auto on_answer = [self, batch = push.batch](const http::Answer& answer) {
    auto& here = self->state;
    --here.pushes_open;
    let_next_go(self, batch, answer);
    const Status settled =
        run_step(self, "sync_queue.settle", Durability::ordered, [&](Transaction& tx) {
          const Instant now = here.core->now();
          return here.paused ? here.machine->on_push_answer(tx, batch, answer, now)
                             : here.machine->on_push_answer_and_plan(tx, batch, answer, now);
        });
    // The machine has let go of the call: what it could not write down nobody else would.
    if (!settled && store::is_refusal(settled.error())) return fail_step(self, settled.error());
    self->send(self->state.peers.delta_pull, PushAnswered{});
    ask_plan(self);
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(push.call)})
      .then(handler([on_answer](const http::Answer& answer) { on_answer(answer); }),
            handler([on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

void send_receipts(Self self, sync::ReceiptsCall receipts) {
  auto call = receipts.call;
  const auto on_answer = [self, receipts](const http::Answer& answer) {
    (void)run_step(self, "sync_queue.receipts", Durability::ordered, [&](Transaction& tx) {
      return self->state.machine->on_receipts_answer(tx, receipts, answer, self->state.core->now());
    });
    ask_plan(self);
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(call)})
      .then(handler([on_answer](const http::Answer& answer) { on_answer(answer); }),
            handler([on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            }));
}

// A queue without a machine has no room for its steps: nothing of it leaves anyway.
void on_asked_to_wait(Self self, const AskedToWait& message) {
  auto& state = self->state;
  if (!state.machine) return;
  (void)run_step(self, "sync_queue.asked_to_wait", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_asked_to_wait(tx, message.until, state.core->now());
  });
  ask_plan(self);
}

void pause(Self self) {
  self->state.paused = true;
  note_next_send(self);
}

Result<sync::Outlook> look_ahead(SyncQueueState& state) {
  const Instant now = state.core->now();
  if (!state.machine->can_send()) return state.machine->look_at_pull(now);
  return state.store.database->read(
      [&](const store::Snapshot& snapshot) { return state.machine->look_ahead(snapshot, now); });
}

// Looks before it writes, and thinks before it looks: after an enqueue without a network there is
// nothing to plan, and a plan is a sync.
void plan_now(Self self) {
  auto& state = self->state;
  if (!state.machine->wants_look()) return state.timer->arm(self, std::nullopt);
  const auto outlook = look_ahead(state);
  if (outlook && outlook->pull) self->send(state.peers.delta_pull, RequestPull{});
  // A look that fails decides nothing: the step itself tells whether the store still works.
  if (outlook && !outlook->wants_plan) {
    if (!state.machine->in_flight()) state.core->windows->set_push(outlook->wake_at);
    return state.timer->arm(self, outlook->wake_at);
  }
  (void)run_step(self, "sync_queue.plan", Durability::durable,
                 [&](Transaction& tx) { return state.machine->plan(tx, state.core->now()); });
}

// A few rows at a time, between two messages, so that whoever enqueues is not kept waiting. A look
// that fails decides nothing.
void forget_settled(Self self) {
  auto& state = self->state;
  if (!state.machine || !state.machine->wants_to_forget(state.core->now())) return;
  const auto found = state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->look_for_settled(snapshot, state.core->now());
  });
  if (!found) return;
  if (*found) {
    const Status done = state.store.database->write(
        "sync_queue.forget", Durability::ordered,
        [&](Transaction& tx) { return state.machine->on_forget(tx, state.core->now()); });
    if (!done && done.error().kind != ErrorClass::storage_full)
      return fail_step(self, done.error());
    if (!done) return;
  }
  if (state.machine->wants_to_forget(state.core->now())) ask_plan(self);
}

void plan(Self self) {
  auto& state = self->state;
  state.plan_asked = false;
  if (!state.machine || state.paused) return;
  plan_now(self);
  forget_settled(self);
  shorten_log(self, state.store);
  tell_outbox(self);
  tell_progress(self);
}

void tell_connectivity(Self self, bool edge) {
  auto& state = self->state;
  if (!state.machine || !state.machine->wants_connectivity(state.reachable, edge)) return;
  (void)run_step(self, "sync_queue.connectivity", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_connectivity(tx, state.reachable, edge, state.core->now());
  });
  ask_plan(self);
}

void tell_auth(Self self) {
  auto& state = self->state;
  if (!state.machine) return;
  state.machine->on_renewal(state.is_renewing);
  if (!state.machine->wants_auth(state.authenticated)) return;
  (void)run_step(self, "sync_queue.auth", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_auth(tx, state.authenticated, state.core->now());
  });
  ask_plan(self);
}

// A queue that has no room for its steps now reads the rights with its next open.
void on_permissions(Self self) {
  auto& state = self->state;
  if (!state.machine) return;
  (void)run_step(self, "sync_queue.permissions", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_permissions(tx, state.core->now());
  });
  ask_plan(self);
}

// What has no machine to hear it returns with the next open.
void on_update_over(Self self) {
  auto& state = self->state;
  if (!state.machine) return;
  (void)run_step(self, "sync_queue.update_over", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_update_over(tx, state.core->now());
  });
  ask_plan(self);
}

void on_connectivity(Self self, const ConnectivityChanged& changed) {
  self->state.reachable = changed.reachable;
  tell_connectivity(self, changed.edge);
}

void on_auth(Self self, const AuthChanged& changed) {
  self->state.authenticated = auth::may_call(changed.state);
  self->state.is_renewing = auth::is_renewing(changed.state);
  tell_auth(self);
}

// What finds no room here is said again after the next open.
void on_pull_answered(Self self, const PullAnswered& message) {
  auto& state = self->state;
  if (!state.machine) return;
  // Before the conflicts that are decided by it.
  if (message.server_time) state.machine->on_server_time(*message.server_time);
  if (message.operations.empty() && message.theirs.empty()) return;
  if (message.theirs.empty()) {
    auto done = state.store.database->write(
        "sync_queue.adopted", Durability::ordered,
        [&](Transaction& tx) { return state.machine->on_adopted(tx, message.operations); });
    if (!done && done.error().kind != ErrorClass::storage_full) fail_step(self, done.error());
    return;
  }
  const auto adopt = [&](Transaction& tx) -> Result<sync::SyncEffects> {
    LANDFALL_TRY(state.machine->on_adopted(tx, message.operations));
    return state.machine->on_documents_of_conflicts(tx, message.theirs, state.core->now());
  };
  if (run_step(self, "sync_queue.adopted", Durability::ordered, adopt)) ask_plan(self);
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.timer->fires(self, fired)) return;
  if (!state.machine) open_queue(self);
  plan(self);
}

}  // namespace

// Reads, and what the host asks of single rows, go on; a new machine is tried when there may be
// room.
void stall(Self self) {
  auto& state = self->state;
  if (state.machine && state.machine->take_owed_pull())
    self->send(state.peers.delta_pull, RequestPull{});
  state.machine.reset();
  // The log gives its room back; what it holds fits the file better than beside it.
  (void)state.store.database->checkpoint(store::CheckpointMode::truncate);
  state.timer->arm(self, state.core->now() + Duration{limits::kStorageRetryMs});
}

void ask_plan(Self self) {
  auto& state = self->state;
  if (std::exchange(state.plan_asked, true)) return;
  self->send(self, PlanBatch{});
}

void carry_out(Self self, sync::SyncEffects effects) {
  auto& state = self->state;
  state.timer->arm(self, effects.wake_at);
  for (auto& push : effects.pushes) send_push(self, std::move(push));
  if (effects.receipts) send_receipts(self, std::move(*effects.receipts));
  if (!effects.entities.empty())
    self->send(state.peers.delta_pull, AdoptEntities{std::move(effects.entities)});
  for (const auto& assigned : effects.assigned) tell_assigned(self, assigned);
  if (effects.pull) self->send(state.peers.delta_pull, RequestPull{});
  if (effects.ask_permissions && state.peers.permissions)
    self->send(state.peers.permissions, AskPermissions{});
  tell_changes(self, effects.changes);
  for (const auto& notice : effects.notices) tell_notice(self, notice);
  for (const auto& change : effects.conflicts) tell_conflict(self, change);
  if (effects.drained) tell_drained(self, *effects.drained);
  if (effects.foreign) tell_foreign(self, *effects.foreign);
}

void open_queue(Self self) {
  auto& state = self->state;
  if (state.pushes_open > 0) return stall(self);
  state.machine.emplace(sync::SyncQueue::Parts{
      state.core->profile(), *state.store.outbox_key, *state.core->environment.secure_random,
      state.core->environment.jitter_seed, state.core->device_id, state.owner, *state.pace});
  const auto opened = run_step(self, "sync_queue.open", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_open(tx, state.core->now());
  });
  if (!std::exchange(state.subscribed, true)) {
    self->send(state.peers.connectivity,
               SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
    self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
    self->send(state.peers.delta_pull, AdoptEntities{});
    if (state.peers.permissions)
      self->send(state.peers.permissions,
                 SubscribePermissions{caf::actor_cast<PermissionsSubscriber>(self)});
  }
  if (!opened) return;
  note_next_send(self);
  tell_connectivity(self, false);
  tell_auth(self);
}

SyncQueueActor::behavior_type sync_queue(Self self, SharedCore core, PartitionStore store,
                                         sync::DocumentOwner owner, SyncQueuePeers peers,
                                         SharedEnqueueBox enqueues) {
  auto& state = self->state;
  state.core = std::move(core);
  state.pace.emplace(*state.core->repeats);
  state.store = std::move(store);
  state.owner = std::move(owner);
  state.peers = std::move(peers);
  state.enqueues = std::move(enqueues);
  state.timer.emplace(*state.core->environment.clock);
  open_queue(self);
  return {
      [self](const TakeEnqueues&) { take_enqueues(self); },
      [self](const PlanBatch&) { plan(self); },
      [self](const PauseQueue&) { pause(self); },
      [self](const UpdateOver&) { on_update_over(self); },
      [self](const WatchProgress& message) { on_watch(self, message); },
      [self](const WatchOutbox& message) { on_watch_outbox(self, message); },
      [self](const AskedToWait& message) { on_asked_to_wait(self, message); },
      [self](const OperationCommand& command) { return on_command(self, command); },
      [self](const ExplainOperation& question) { return explain(self, question); },
      [self](const ListOperations& question) { return list_operations(self, question); },
      [self](const CountOperations&) { return count_operations(self); },
      [self](const ListNotices&) { return list_notices(self); },
      [self](const NoticesSeen& message) { return notices_seen(self, message); },
      [self](const ListConflicts& question) { return list_conflicts(self, question); },
      [self](const ResolveConflict& message) { return resolve_conflict(self, message); },
      [self](const ReopenConflict& message) { return reopen_conflict(self, message); },
      [self](const PullAnswered& message) { on_pull_answered(self, message); },
      [self](const PermissionsChanged&) { on_permissions(self); },
      [self](const ConnectivityChanged& changed) { on_connectivity(self, changed); },
      [self](const AuthChanged& changed) { on_auth(self, changed); },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
