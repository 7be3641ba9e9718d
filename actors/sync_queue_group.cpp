#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include "actors/answer.hpp"
#include "actors/sync_queue_steps.hpp"
#include "actors/unlock_board.hpp"
#include "engine/base/mutant.hpp"
#include "engine/host/operation_json.hpp"
#include "engine/store/document_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/sync/outbox_room.hpp"

// Group commit: operations that come while others are written share their commit.

namespace landfall::actors {
namespace {

using store::Durability;
using store::Transaction;

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
      group.results.emplace_back(failure(no_room_for_operations()));
      return {};
    }
  }
  LANDFALL_TRY(sync::SyncQueue::resolve_entity(tx, operation.prepared));
  LANDFALL_TRY(note_base(state, tx, operation.prepared));
  if (sync::wants_attestor(operation.prepared))
    operation.prepared.attestor = state.core->unlocks->attestor(state.user_id, state.core->now());
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

// The host's thread is woken once for all of them.
void reply_to_all(SyncQueueSelf self, const Group& group) {
  // The group's own commit or a later one; what was accepted before stands in an earlier one.
  const std::uint64_t commit_seq = self->state.store.database->commit_seq();
  std::vector<std::string> texts;
  texts.reserve(group.operations.size());
  for (std::size_t i = 0; i < group.operations.size(); ++i) {
    const auto& accepted = group.results[i];
    const Reply& reply = group.operations[i].reply;
    auto text = accepted ? reply->take_text(host::accepted_text(*accepted, commit_seq))
                         : reply->take(failure(accepted.error()));
    if (text) texts.push_back(std::move(*text));
  }
  self->state.core->poll_queue->push_replies(std::move(texts));
}

void acknowledge_all(SyncQueueSelf self, const Group& group) {
  reply_to_all(self, group);
  for (std::size_t i = 0; i < group.operations.size(); ++i) {
    const auto& accepted = group.results[i];
    if (!accepted) continue;
    self->state.core->windows->push_no_later_than(self->state.core->now());
    self->state.peers.watch.look_at(self, group.operations[i].prepared.request.entity);
    tell_changes(self, accepted->changes);
    for (const auto& change : accepted->conflicts) tell_conflict(self, change);
  }
}

}  // namespace

void take_enqueues(SyncQueueSelf self) {
  auto& state = self->state;
  Group group{state.enqueues->take(), {}};
  if (group.operations.empty()) return;
  if (!state.machine) open_queue(self);
  if (!state.machine)
    return refuse_all(state, std::move(group.operations), no_room_for_operations());
  const Status written =
      state.store.database->write("sync_queue.enqueue", Durability::durable,
                                  [&](Transaction& tx) { return accept_all(state, tx, group); });
  if (written && mutant::is(mutant::Mutant::refuse_after_commit))
    return refuse_all(state, std::move(group.operations), no_room_for_operations());
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

}  // namespace landfall::actors
