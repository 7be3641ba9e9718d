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
  std::vector<SharedEnqueue> operations;
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
  const Instant now = state.core->now();
  if (sync::wants_attestor(operation.prepared))
    operation.prepared.attestor = state.core->unlocks->attestor(state.owner.user_id, now);
  auto accepted = state.machine->on_enqueue(tx, operation.prepared, now);
  if (!accepted && !sync::refuses_one(accepted.error())) return failure(accepted.error());
  group.results.push_back(std::move(accepted));
  return {};
}

// Takes until nobody waits, so that whoever comes while others are written shares their commit.
Status accept_all(SyncQueueState& state, Transaction& tx, Group& group) {
  while (group.results.size() < group.operations.size()) {
    LANDFALL_TRY(accept(state, tx, *group.operations[group.results.size()], group));
    if (group.results.size() < group.operations.size()) continue;
    if (state.hands_in_many || group.results.size() > 1)
      (void)state.enqueues->linger(kGatherRounds);
    state.enqueues->take(group.operations);
  }
  return {};
}

void refuse_all(SyncQueueState& state, std::vector<SharedEnqueue> operations, const Error& error) {
  while (!operations.empty()) {
    for (const auto& operation : operations) operation->reply->send(failure(error));
    operations.clear();
    state.enqueues->take(operations);
  }
}

// The host's thread is woken once for all of them, and frees what it made for them.
void reply_to_all(SyncQueueSelf self, Group& group) {
  // The group's own commit or a later one; what was accepted before stands in an earlier one.
  const std::uint64_t commit_seq = self->state.store.database->commit_seq();
  PollMessages replies;
  for (std::size_t i = 0; i < group.operations.size(); ++i) {
    const auto& accepted = group.results[i];
    const Reply& reply = group.operations[i]->reply;
    if (accepted) group.operations[i]->accept(*accepted, commit_seq);
    replies.splice(replies.end(), accepted ? reply->take_late(std::move(group.operations[i]))
                                           : reply->take(failure(accepted.error())));
  }
  self->state.core->poll_queue->push_replies(std::move(replies));
}

void acknowledge_all(SyncQueueSelf self, Group& group) {
  bool is_any_accepted = false;
  for (std::size_t i = 0; i < group.operations.size(); ++i) {
    if (!group.results[i]) continue;
    is_any_accepted = true;
    self->state.peers.watch.look_at(self, group.operations[i]->prepared.request.entity);
  }
  reply_to_all(self, group);
  if (is_any_accepted) self->state.core->windows->push_no_later_than(self->state.core->now());
  for (const auto& accepted : group.results) {
    if (!accepted) continue;
    tell_changes(self, accepted->changes);
    for (const auto& change : accepted->conflicts) tell_conflict(self, change);
  }
}

}  // namespace

void take_enqueues(SyncQueueSelf self) {
  auto& state = self->state;
  Group group;
  state.enqueues->take(group.operations);
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
    ask_plan(self);
    state.hands_in_many = group.results.size() > 1;
    if (state.hands_in_many && state.enqueues->linger(kFollowRounds))
      self->send(self, TakeEnqueues{});
    return;
  }
  // What was certainly rolled back is refused; what may stand on the disk stays indeterminate
  // (INV-Q3).
  const bool refused = written.error().kind == ErrorClass::storage_full;
  refuse_all(state, std::move(group.operations), refused ? written.error() : write_indeterminate());
  if (!refused) fail_step(self, written.error());
}

}  // namespace landfall::actors
