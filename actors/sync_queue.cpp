#include "actors/sync_queue.hpp"

#include <utility>

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "engine/base/mutant.hpp"
#include "engine/host/conflict_json.hpp"
#include "engine/host/operation_json.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/notice_table.hpp"
#include "engine/store/operation_table.hpp"
#include "schema/limits.hpp"

namespace landfall::actors {
namespace {

using Self = SyncQueueActor::stateful_pointer<SyncQueueState>;
using store::Durability;
using store::Transaction;

void apply(Self self, sync::SyncEffects effects);

Error no_room() {
  return {ErrorClass::storage_full, "storage.full", "the disk is full; nothing was changed"};
}

// Reads, and what the host asks of single rows, go on; a new machine is tried when there may be
// room.
void stall(Self self) {
  auto& state = self->state;
  state.machine.reset();
  // The log gives its room back; what it holds fits the file better than beside it.
  (void)state.store.database->checkpoint(store::CheckpointMode::truncate);
  state.timer->arm(self, state.core->now() + Duration{limits::kStorageRetryMs});
}

// Runs one step of the machine and carries its effects out after the commit.
template <class Step>
Status run(Self self, std::string_view label, Durability durability, Step step) {
  if (!self->state.machine) return failure(no_room());
  auto effects = self->state.store.database->write(label, durability, std::move(step));
  if (!effects) {
    if (effects.error().kind == ErrorClass::storage_full) {
      stall(self);
    } else if (!store::is_refusal(effects.error())) {
      fail_step(self, effects.error());
    }
    return failure(effects.error());
  }
  apply(self, std::move(*effects));
  return {};
}

void ask_plan(Self self) {
  auto& state = self->state;
  if (std::exchange(state.plan_asked, true)) return;
  self->send(self, PlanBatch{});
}

void send_push(Self self, sync::PushCall push) {
  ++self->state.pushes_open;
  self->state.sent_untold += push.operations.size();
  const auto on_answer = [self, batch = push.batch](const http::Answer& answer) {
    --self->state.pushes_open;
    (void)run(self, "sync_queue.settle", Durability::ordered, [&](Transaction& tx) {
      return self->state.machine->on_push_answer(tx, batch, answer, self->state.core->now());
    });
    self->send(self->state.peers.delta_pull, PushAnswered{});
    ask_plan(self);
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(push.call)})
      .then([on_answer](const http::Answer& answer) { on_answer(answer); },
            [on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            });
}

void send_receipts(Self self, sync::ReceiptsCall receipts) {
  auto call = receipts.call;
  const auto on_answer = [self, receipts](const http::Answer& answer) {
    (void)run(self, "sync_queue.receipts", Durability::ordered, [&](Transaction& tx) {
      return self->state.machine->on_receipts_answer(tx, receipts, answer, self->state.core->now());
    });
    ask_plan(self);
  };
  self->request(self->state.peers.gateway, caf::infinite, MakeCall{std::move(call)})
      .then([on_answer](const http::Answer& answer) { on_answer(answer); },
            [on_answer](const caf::error&) {
              on_answer(http::Answer{std::nullopt, http::TransportFailure::silent});
            });
}

void emit(Self self, std::string key, std::string event, Json data) {
  self->send(self->state.peers.api, EmitEvent{std::move(key), std::move(event),
                                              std::make_shared<const Json>(std::move(data))});
}

void tell_change(Self self, const sync::OperationChange& change) {
  const std::string id = to_text(change.id);
  Json data{{"id", id},
            {"entity_type", change.entity.type},
            {"entity_id", change.entity.id},
            {"state", sync::to_string(change.state)},
            {"attempts", change.attempts}};
  if (change.block_reason != sync::BlockReason::none)
    data["block_reason"] = sync::to_string(change.block_reason);
  emit(self, "operation/" + id, "operation.changed", std::move(data));
  auto& peers = self->state.peers;
  peers.watch.look_at(self, change.entity);
  const bool is_over =
      sync::is_settled(change.state) || change.state == sync::OperationState::failed;
  if (is_over && peers.attachments) self->send(peers.attachments, OperationsMoved{});
}

void tell_assigned(Self self, const sync::AssignedId& assigned) {
  emit(self, "assigned/" + assigned.local.type + "/" + assigned.local.id, "entity.assigned",
       Json{{"entity_type", assigned.local.type},
            {"local_id", assigned.local.id},
            {"entity_id", assigned.server_id}});
}

void tell_notice(Self self, const sync::Notice& notice) {
  emit(self, "notice/" + std::to_string(notice.seq), "notice.added", host::notice_json(notice));
}

void tell_conflict(Self self, const conflict::ConflictChange& change) {
  emit(self, "conflict/" + to_text(change.operation), "conflict.changed",
       host::conflict_change_json(change));
}

void apply(Self self, sync::SyncEffects effects) {
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
  for (const auto& change : effects.changes) tell_change(self, change);
  for (const auto& notice : effects.notices) tell_notice(self, notice);
  for (const auto& change : effects.conflicts) tell_conflict(self, change);
}

// --- what a background window knows

// When the outbox would like to be sent, were there a way; as it was known when that cannot be read
// now.
void note_next_send(Self self) {
  auto& state = self->state;
  if (!state.machine) return;
  const auto at = state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->next_send_at(snapshot, state.core->now());
  });
  if (at) state.core->windows->set_push(*at);
}

void tell_progress(Self self) {
  auto& state = self->state;
  if (!state.watcher || !state.machine) return;
  const auto progress =
      state.store.database->read([&](const store::Snapshot& snapshot) -> Result<QueueProgress> {
        QueueProgress told{state.machine->in_flight(), {}, state.sent_untold, 0};
        LANDFALL_TRY_ASSIGN(told.next_send_at,
                            state.machine->next_send_at(snapshot, state.core->now()));
        LANDFALL_TRY_ASSIGN(told.left,
                            store::CounterTable::get(snapshot, store::kOutboxOperations));
        return told;
      });
  if (!progress) return;
  state.sent_untold = 0;
  self->send(*state.watcher, *progress);
}

void on_watch(Self self, const WatchProgress& message) {
  self->state.watcher = message.watcher;
  if (!message.since_open) self->state.sent_untold = 0;
  tell_progress(self);
}

// --- what the user's other outboxes wait for

void tell_outbox(Self self) {
  auto& state = self->state;
  if (!state.outbox_watcher || !state.machine) return;
  const auto now =
      state.store.database->read([&](const store::Snapshot& snapshot) -> Result<OutboxTold> {
        LANDFALL_TRY_ASSIGN(const auto next,
                            state.machine->next_send_at(snapshot, state.core->now()));
        LANDFALL_TRY_ASSIGN(const Instant quiet, sync::SyncQueue::quiet_until(snapshot));
        return OutboxTold{next.has_value(), quiet};
      });
  if (!now || state.outbox_told == *now) return;
  state.outbox_told = *now;
  self->send(*state.outbox_watcher, *now);
}

void on_watch_outbox(Self self, const WatchOutbox& message) {
  self->state.outbox_watcher = message.watcher;
  self->state.outbox_told.reset();
  tell_outbox(self);
}

// A queue without a machine has no room for its steps: nothing of it leaves anyway.
void on_asked_to_wait(Self self, const AskedToWait& message) {
  auto& state = self->state;
  if (!state.machine) return;
  (void)run(self, "sync_queue.asked_to_wait", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_asked_to_wait(tx, message.until, state.core->now());
  });
  ask_plan(self);
}

void pause(Self self) {
  self->state.paused = true;
  note_next_send(self);
}

// --- enqueue, group commit

// What the user acted on, for a merge should somebody else have changed it too. Without it a
// conflict is asked about instead, so that a body that does not open keeps nobody from working.
Status note_base(const SyncQueueState& state, const Transaction& tx,
                 sync::PreparedEnqueue& prepared) {
  if (!sync::SyncQueue::wants_base(prepared)) return {};
  sync::EnqueueRequest& request = prepared.request;
  const auto document = store::find_document(tx, *state.store.documents_key, request.entity);
  if (!document) {
    return document.error().kind == ErrorClass::corrupt ? Status{} : failure(document.error());
  }
  if (!*document || (*document)->deleted) return {};
  request.base_data = (*document)->data;
  request.base_data_version = (*document)->row_version;
  return {};
}

// Operations that share a commit, with what became of each.
struct Group {
  std::vector<Enqueue> operations;
  std::vector<Result<sync::Accepted>> results;
};

// An error of the store takes the whole group back; a refused operation writes nothing and does not
// hold up the others.
Status accept(SyncQueueState& state, Transaction& tx, Enqueue& operation, Group& group) {
  if (state.core->signals->disk_is_low()) {
    // What was accepted before is still said to be.
    LANDFALL_TRY_ASSIGN(const auto known,
                        store::OperationTable::find(tx, operation.prepared.request.id));
    if (!known) {
      group.results.emplace_back(failure(no_room()));
      return {};
    }
  }
  LANDFALL_TRY(sync::SyncQueue::resolve_entity(tx, operation.prepared));
  LANDFALL_TRY(note_base(state, tx, operation.prepared));
  auto accepted = state.machine->on_enqueue(tx, operation.prepared, state.core->now());
  if (!accepted && !sync::refuses_one(accepted.error())) return failure(accepted.error());
  group.results.push_back(std::move(accepted));
  return {};
}

// Takes until nobody waits, so that whoever comes while others are written shares their commit.
Status accept_all(SyncQueueState& state, Transaction& tx, Group& group) {
  while (group.results.size() < group.operations.size()) {
    LANDFALL_TRY(accept(state, tx, group.operations[group.results.size()], group));
    if (group.results.size() < group.operations.size()) continue;
    for (auto& operation : state.enqueues->take()) {
      group.operations.push_back(std::move(operation));
    }
  }
  return {};
}

void refuse_all(SyncQueueState& state, std::vector<Enqueue> operations, const Error& error) {
  while (!operations.empty()) {
    for (const auto& operation : operations) operation.reply->send(failure(error));
    operations = state.enqueues->take();
  }
}

void acknowledge_all(Self self, const Group& group) {
  // The group's own commit or a later one; what was accepted before stands in an earlier one.
  const std::uint64_t commit_seq = self->state.store.database->commit_seq();
  for (std::size_t i = 0; i < group.operations.size(); ++i) {
    const auto& accepted = group.results[i];
    if (!accepted) {
      group.operations[i].reply->send(failure(accepted.error()));
      continue;
    }
    group.operations[i].reply->send(host::accepted_json(*accepted, commit_seq));
    self->state.core->windows->push_no_later_than(self->state.core->now());
    self->state.peers.watch.look_at(self, group.operations[i].prepared.request.entity);
    for (const auto& change : accepted->changes) tell_change(self, change);
    for (const auto& change : accepted->conflicts) tell_conflict(self, change);
  }
}

void open(Self self);

void take_enqueues(Self self) {
  auto& state = self->state;
  Group group{state.enqueues->take(), {}};
  if (group.operations.empty()) return;
  if (!state.machine) open(self);
  if (!state.machine) return refuse_all(state, std::move(group.operations), no_room());
  const Status written =
      state.store.database->write("sync_queue.enqueue", Durability::durable,
                                  [&](Transaction& tx) { return accept_all(state, tx, group); });
  if (written && mutant::is(mutant::Mutant::refuse_after_commit))
    return refuse_all(state, std::move(group.operations), no_room());
  if (written) {
    acknowledge_all(self, group);
    return ask_plan(self);
  }
  // What was certainly rolled back is refused; what may stand on the disk stays indeterminate
  // (INV-Q3).
  const bool refused = written.error().kind == ErrorClass::storage_full;
  refuse_all(state, std::move(group.operations), refused ? written.error() : write_indeterminate());
  if (!refused) fail_step(self, written.error());
}

// --- other events

// Looks before it writes, and thinks before it looks: after an enqueue without a network there is
// nothing to plan, and a plan is a sync.
void plan_now(Self self) {
  auto& state = self->state;
  if (!state.machine->can_send()) return state.timer->arm(self, std::nullopt);
  const auto outlook = state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->look_ahead(snapshot, state.core->now());
  });
  // A look that fails decides nothing: the step itself tells whether the store still works.
  if (outlook && !outlook->wants_plan) {
    if (!state.machine->in_flight()) state.core->windows->set_push(outlook->wake_at);
    return state.timer->arm(self, outlook->wake_at);
  }
  (void)run(self, "sync_queue.plan", Durability::durable,
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
  shorten_log(*state.store.database);
  tell_outbox(self);
  tell_progress(self);
}

void tell_connectivity(Self self, bool edge) {
  auto& state = self->state;
  if (!state.machine || !state.machine->wants_connectivity(state.reachable, edge)) return;
  (void)run(self, "sync_queue.connectivity", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_connectivity(tx, state.reachable, edge, state.core->now());
  });
  ask_plan(self);
}

void tell_auth(Self self) {
  auto& state = self->state;
  if (!state.machine || !state.machine->wants_auth(state.authenticated)) return;
  (void)run(self, "sync_queue.auth", Durability::ordered, [&](Transaction& tx) {
    return state.machine->on_auth(tx, state.authenticated, state.core->now());
  });
  ask_plan(self);
}

// A queue that has no room for its steps now reads the rights with its next open.
void on_permissions(Self self) {
  auto& state = self->state;
  if (!state.machine) return;
  (void)run(self, "sync_queue.permissions", Durability::durable,
            [&](Transaction& tx) { return state.machine->on_permissions(tx, state.core->now()); });
  ask_plan(self);
}

// What has no machine to hear it returns with the next open.
void on_update_over(Self self) {
  auto& state = self->state;
  if (!state.machine) return;
  (void)run(self, "sync_queue.update_over", Durability::ordered,
            [&](Transaction& tx) { return state.machine->on_update_over(tx, state.core->now()); });
  ask_plan(self);
}

void on_connectivity(Self self, const ConnectivityChanged& changed) {
  self->state.reachable = changed.reachable;
  tell_connectivity(self, changed.edge);
}

void on_auth(Self self, const AuthChanged& changed) {
  self->state.authenticated = changed.state == auth::TokenState::valid;
  tell_auth(self);
}

Status on_command(Self self, const OperationCommand& command) {
  auto& state = self->state;
  auto done = run(self, "sync_queue.command", Durability::durable, [&](Transaction& tx) {
    switch (command.word) {
      case UserWord::retry:
        return state.machine->on_retry(tx, command.id, state.core->now());
      case UserWord::cancel:
        return state.machine->on_cancel(tx, command.id, state.core->now());
      case UserWord::discard:
        break;
    }
    return state.machine->on_discard(tx, command.id, command.accept_unknown, state.core->now());
  });
  if (done) ask_plan(self);
  return done;
}

Result<sync::Explanation> explain(Self self, const ExplainOperation& question) {
  auto& state = self->state;
  if (!state.machine) return failure(no_room());
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->explain(snapshot, question.id, state.core->now());
  });
}

Result<std::vector<sync::Operation>> list_operations(Self self, const ListOperations& question) {
  return self->state.store.database->read([&](const store::Snapshot& snapshot) {
    return store::OperationTable::list(snapshot, question.settled, question.after_seq,
                                       question.limit);
  });
}

Result<sync::OutboxCounts> count_operations(Self self) {
  auto& state = self->state;
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return sync::count_outbox(snapshot, state.core->profile());
  });
}

Result<std::vector<sync::Notice>> list_notices(Self self) {
  return self->state.store.database->read(
      [](const store::Snapshot& snapshot) { return store::NoticeTable::unseen(snapshot); });
}

Status notices_seen(Self self, const NoticesSeen& message) {
  auto& state = self->state;
  if (!state.machine) return failure(no_room());
  auto done = state.store.database->write(
      "sync_queue.notices_seen", Durability::durable,
      [&](Transaction& tx) { return state.machine->on_notices_seen(tx, message.up_to_seq); });
  if (!done && done.error().kind != ErrorClass::storage_full) fail_step(self, done.error());
  return done;
}

Result<store::ConflictPage> list_conflicts(Self self, const ListConflicts& question) {
  auto& state = self->state;
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return store::ConflictTable::list(snapshot, *state.store.outbox_key, question.settled,
                                      question.after_seq, question.limit);
  });
}

// A word that makes new work waits for room as new work does.
Status resolve_conflict(Self self, const ResolveConflict& message) {
  auto& state = self->state;
  if (state.core->signals->disk_is_low()) return failure(no_room());
  auto done = run(self, "sync_queue.resolve", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_resolve(tx, message.choice, state.core->now());
  });
  if (done) ask_plan(self);
  return done;
}

Status reopen_conflict(Self self, const ReopenConflict& message) {
  auto& state = self->state;
  return run(self, "sync_queue.reopen", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_reopen(tx, message.id, state.core->now());
  });
}

// What finds no room here is said again after the next open.
void on_adopted(Self self, const EntitiesAdopted& message) {
  auto& state = self->state;
  if (!state.machine) return;
  auto done = state.store.database->write(
      "sync_queue.adopted", Durability::ordered,
      [&](Transaction& tx) { return state.machine->on_adopted(tx, message.operations); });
  if (!done && done.error().kind != ErrorClass::storage_full) fail_step(self, done.error());
}

void open(Self self) {
  auto& state = self->state;
  if (state.pushes_open > 0) return stall(self);
  state.machine.emplace(sync::SyncQueue::Parts{
      state.core->profile(), *state.store.outbox_key, *state.core->environment.secure_random,
      state.core->environment.jitter_seed, state.core->device_id});
  const auto opened = run(self, "sync_queue.open", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_open(tx, state.core->now());
  });
  if (!std::exchange(state.subscribed, true)) {
    self->send(state.peers.connectivity,
               SubscribeConnectivity{caf::actor_cast<ConnectivitySubscriber>(self)});
    self->send(state.peers.auth_token, SubscribeAuth{caf::actor_cast<AuthSubscriber>(self)});
    if (state.peers.permissions)
      self->send(state.peers.permissions,
                 SubscribePermissions{caf::actor_cast<PermissionsSubscriber>(self)});
  }
  if (!opened) return;
  note_next_send(self);
  tell_connectivity(self, false);
  tell_auth(self);
}

void on_timer(Self self, const TimerFired& fired) {
  auto& state = self->state;
  if (!state.timer->fires(self, fired)) return;
  if (!state.machine) open(self);
  plan(self);
}

}  // namespace

SyncQueueActor::behavior_type sync_queue(Self self, SharedCore core, PartitionStore store,
                                         SyncQueuePeers peers, SharedEnqueueBox enqueues) {
  auto& state = self->state;
  state.core = std::move(core);
  state.store = std::move(store);
  state.peers = std::move(peers);
  state.enqueues = std::move(enqueues);
  state.timer.emplace(*state.core->environment.clock);
  open(self);
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
      [self](const EntitiesAdopted& message) { on_adopted(self, message); },
      [self](const PermissionsChanged&) { on_permissions(self); },
      [self](const ConnectivityChanged& changed) { on_connectivity(self, changed); },
      [self](const AuthChanged& changed) { on_auth(self, changed); },
      [self](const TimerFired& fired) { on_timer(self, fired); },
  };
}

}  // namespace landfall::actors
