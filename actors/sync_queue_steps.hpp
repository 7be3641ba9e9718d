#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/sync_queue.hpp"

// What the parts of the sync_queue actor share: its steps (sync_queue.cpp), the group commit, what
// it tells, and the host's questions.

namespace landfall::actors {

[[nodiscard]] inline Error no_room_for_operations() {
  return {ErrorClass::storage_full, "storage.full", "the disk is full; nothing was changed"};
}

// --- sync_queue.cpp

// Carries a step's effects out, after its commit.
void carry_out(SyncQueueSelf self, sync::SyncEffects effects);
// A step found no room on the disk: its machine is gone, and a new one is tried later.
void stall(SyncQueueSelf self);
// A new machine, where there is room for its first step.
void open_queue(SyncQueueSelf self);
// Looks for what to send, behind the messages that wait already.
void ask_plan(SyncQueueSelf self);

// Runs one step of the machine and carries its effects out after the commit.
template <class Step>
Status run_step(SyncQueueSelf self, std::string_view label, store::Durability durability,
                Step step) {
  if (!self->state.machine) return failure(no_room_for_operations());
  auto effects = self->state.store.database->write(label, durability, std::move(step));
  if (!effects) {
    if (effects.error().kind == ErrorClass::storage_full) {
      stall(self);
    } else if (!store::is_refusal(effects.error())) {
      fail_step(self, effects.error());
    }
    return failure(effects.error());
  }
  carry_out(self, std::move(*effects));
  return {};
}

// --- sync_queue_group.cpp

// Accepts the operations that wait in the box, in one commit, and answers each.
void take_enqueues(SyncQueueSelf self);

// --- sync_queue_tell.cpp

void tell_changes(SyncQueueSelf self, const std::vector<sync::OperationChange>& changes);
void tell_assigned(SyncQueueSelf self, const sync::AssignedId& assigned);
void tell_notice(SyncQueueSelf self, const sync::Notice& notice);
void tell_conflict(SyncQueueSelf self, const conflict::ConflictChange& change);
void tell_drained(SyncQueueSelf self, const sync::Drained& drained);
void tell_foreign(SyncQueueSelf self, const Error& error);
// What a background window knows of the outbox, and what whoever watches one is told.
void note_next_send(SyncQueueSelf self);
void tell_progress(SyncQueueSelf self);
void on_watch(SyncQueueSelf self, const WatchProgress& message);
// What the user's other outboxes wait for.
void tell_outbox(SyncQueueSelf self);
void on_watch_outbox(SyncQueueSelf self, const WatchOutbox& message);

// --- sync_queue_requests.cpp

[[nodiscard]] Status on_command(SyncQueueSelf self, const OperationCommand& command);
[[nodiscard]] Result<sync::Explanation> explain(SyncQueueSelf self,
                                                const ExplainOperation& question);
[[nodiscard]] Result<sync::OperationPage> list_operations(SyncQueueSelf self,
                                                          const ListOperations& question);
[[nodiscard]] Result<sync::OutboxCounts> count_operations(SyncQueueSelf self);
[[nodiscard]] Result<std::vector<sync::Notice>> list_notices(SyncQueueSelf self);
[[nodiscard]] Status notices_seen(SyncQueueSelf self, const NoticesSeen& message);
[[nodiscard]] Result<store::ConflictPage> list_conflicts(SyncQueueSelf self,
                                                         const ListConflicts& question);
[[nodiscard]] Status resolve_conflict(SyncQueueSelf self, const ResolveConflict& message);
[[nodiscard]] Status reopen_conflict(SyncQueueSelf self, const ReopenConflict& message);

}  // namespace landfall::actors
