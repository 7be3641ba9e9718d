#include <vector>

#include <nlohmann/json.hpp>

#include "actors/sync_queue_steps.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/notice_table.hpp"
#include "engine/sync/operation_page.hpp"
#include "engine/sync/outbox_room.hpp"

// What the host asks of the outbox, its notices and its conflicts.

namespace landfall::actors {

namespace {

using store::Durability;
using store::Transaction;

}  // namespace

Status on_command(SyncQueueSelf self, const OperationCommand& command) {
  auto& state = self->state;
  auto done = run_step(self, "sync_queue.command", Durability::durable, [&](Transaction& tx) {
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

Result<sync::Explanation> explain(SyncQueueSelf self, const ExplainOperation& question) {
  auto& state = self->state;
  if (!state.machine) return failure(no_room_for_operations());
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->explain(snapshot, question.id, state.core->now());
  });
}

Result<sync::OperationPage> list_operations(SyncQueueSelf self, const ListOperations& question) {
  auto& state = self->state;
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return sync::read_page(snapshot, *state.store.outbox_key, question.query);
  });
}

Result<sync::OutboxCounts> count_operations(SyncQueueSelf self) {
  auto& state = self->state;
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return sync::count_outbox(snapshot, state.core->profile());
  });
}

Result<std::vector<sync::Notice>> list_notices(SyncQueueSelf self) {
  return self->state.store.database->read(
      [](const store::Snapshot& snapshot) { return store::NoticeTable::unseen(snapshot); });
}

Status notices_seen(SyncQueueSelf self, const NoticesSeen& message) {
  auto& state = self->state;
  if (!state.machine) return failure(no_room_for_operations());
  auto done = state.store.database->write(
      "sync_queue.notices_seen", Durability::durable,
      [&](Transaction& tx) { return state.machine->on_notices_seen(tx, message.up_to_seq); });
  if (!done && done.error().kind != ErrorClass::storage_full) fail_step(self, done.error());
  return done;
}

Result<store::ConflictPage> list_conflicts(SyncQueueSelf self, const ListConflicts& question) {
  auto& state = self->state;
  return state.store.database->read([&](const store::Snapshot& snapshot) {
    return store::ConflictTable::list(snapshot, *state.store.outbox_key, question.settled,
                                      question.after_seq, question.limit);
  });
}

// A word that makes new work waits for room as new work does.
Status resolve_conflict(SyncQueueSelf self, const ResolveConflict& message) {
  auto& state = self->state;
  if (state.core->signals->disk_is_low()) return failure(no_room_for_operations());
  auto done = run_step(self, "sync_queue.resolve", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_resolve(tx, message.choice, state.core->now());
  });
  if (done) ask_plan(self);
  return done;
}

Status reopen_conflict(SyncQueueSelf self, const ReopenConflict& message) {
  auto& state = self->state;
  return run_step(self, "sync_queue.reopen", Durability::durable, [&](Transaction& tx) {
    return state.machine->on_reopen(tx, message.id, state.core->now());
  });
}

}  // namespace landfall::actors
