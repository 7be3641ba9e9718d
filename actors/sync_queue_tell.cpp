#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/sync_queue_steps.hpp"
#include "engine/host/conflict_json.hpp"
#include "engine/host/operation_json.hpp"
#include "engine/host/outgoing.hpp"
#include "engine/store/counter_table.hpp"

// What the sync_queue actor tells: the host, background windows, and the user's other outboxes.

namespace landfall::actors {
namespace {

void emit(SyncQueueSelf self, std::string key, std::string event, Json data) {
  self->send(self->state.peers.api, EmitEvent{std::move(key), std::move(event),
                                              std::make_shared<const Json>(std::move(data))});
}

HostEvent event_of(const sync::OperationChange& change) {
  return {"operation/" + to_text(change.id), host::operation_changed_text(change)};
}

bool is_over(const sync::OperationChange& change) {
  return sync::is_settled(change.state) || change.state == sync::OperationState::failed;
}

}  // namespace

void tell_changes(SyncQueueSelf self, const std::vector<sync::OperationChange>& changes) {
  if (changes.empty()) return;
  auto& peers = self->state.peers;
  EmitEvents told;
  told.events.reserve(changes.size());
  for (const auto& change : changes) {
    told.events.push_back(event_of(change));
    peers.watch.look_at(self, change.entity);
  }
  self->send(peers.api, std::move(told));
  if (peers.attachments && *peers.following && std::any_of(changes.begin(), changes.end(), is_over))
    self->send(peers.attachments, OperationsMoved{});
}

void tell_assigned(SyncQueueSelf self, const sync::AssignedId& assigned) {
  emit(self, "assigned/" + assigned.local.type + "/" + assigned.local.id, "entity.assigned",
       Json{{"entity_type", assigned.local.type},
            {"local_id", assigned.local.id},
            {"entity_id", assigned.server_id}});
}

void tell_notice(SyncQueueSelf self, const sync::Notice& notice) {
  emit(self, "notice/" + std::to_string(notice.seq), "notice.added", host::notice_json(notice));
}

void tell_conflict(SyncQueueSelf self, const conflict::ConflictChange& change) {
  emit(self, "conflict/" + to_text(change.operation), "conflict.changed",
       host::conflict_change_json(change));
}

void tell_drained(SyncQueueSelf self, const sync::Drained& drained) {
  emit(self, "outbox/drained", "outbox.drained",
       Json{{"done", drained.is_done},
            {"took_ms", drained.took.count()},
            {"target_ms", drained.target.count()}});
}

void tell_foreign(SyncQueueSelf self, const Error& error) {
  emit(self, "document/refused", "document.refused",
       Json{{"code", error.code},
            {"message", error.message},
            {"at", format_rfc3339(self->state.core->now())}});
}

// --- what a background window knows

// When the outbox would like to be sent, were there a way; as it was known when that cannot be read
// now.
void note_next_send(SyncQueueSelf self) {
  auto& state = self->state;
  if (!state.machine) return;
  const auto at = state.store.database->read([&](const store::Snapshot& snapshot) {
    return state.machine->next_send_at(snapshot, state.core->now());
  });
  if (at) state.core->windows->set_push(*at);
}

void tell_progress(SyncQueueSelf self) {
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

void on_watch(SyncQueueSelf self, const WatchProgress& message) {
  self->state.watcher = message.watcher;
  if (!message.since_open) self->state.sent_untold = 0;
  tell_progress(self);
}

// --- what the user's other outboxes wait for

void tell_outbox(SyncQueueSelf self) {
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

void on_watch_outbox(SyncQueueSelf self, const WatchOutbox& message) {
  self->state.outbox_watcher = message.watcher;
  self->state.outbox_told.reset();
  tell_outbox(self);
}

}  // namespace landfall::actors
