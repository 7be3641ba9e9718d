#include "engine/sync/sync_queue.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/notice_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/conflict_inbox.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/retry_schedule.hpp"

namespace landfall::sync {

using store::OperationTable;

SyncQueue::SyncQueue(Parts parts)
    : parts_(std::move(parts)),
      jitter_(Random::stream(parts_.jitter_seed, "sync_queue.edge")),
      has_endpoint_delivery_(has_endpoint_delivery(parts_.profile)),
      pruning_(parts_.profile.sync),
      drain_(parts_.profile.sync.drain_target) {}

Result<SyncEffects> SyncQueue::on_connectivity(store::Transaction& tx, bool reachable, bool edge,
                                               Instant now) {
  QueueStep step = step_at(tx, now);
  reachable_ = reachable;
  LANDFALL_TRY(note_way(tx, now));
  if (reachable && edge) {
    receipts_wanted_ = true;
    edge_hold_until_ = edge_send_at(jitter_, step.rules.edge_spread, now);
    LANDFALL_TRY_ASSIGN(auto waiting, OperationTable::waiting(tx, Wait::ladder));
    for (Operation& operation : waiting) {
      const Instant due_at = rearmed_at(operation, edge_hold_until_);
      if (due_at == operation.due_at) continue;
      operation.due_at = due_at;
      LANDFALL_TRY(OperationTable::save(tx, operation));
    }
  }
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<SyncEffects> SyncQueue::on_auth(store::Transaction& tx, bool authenticated, Instant now) {
  QueueStep step = step_at(tx, now);
  authenticated_ = authenticated;
  LANDFALL_TRY(note_way(tx, now));
  if (authenticated) {
    receipts_wanted_ = true;
    auth_hold_until_.reset();
    LANDFALL_TRY(return_blocked(step, BlockReason::auth));
  } else if (mutant::is(mutant::Mutant::clear_queue_without_session)) {
    LANDFALL_TRY(tx.run("DELETE FROM operations WHERE state IN (0, 3)"));
  }
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<SyncEffects> SyncQueue::on_update_over(store::Transaction& tx, Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY(return_blocked(step, BlockReason::upgrade));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<SyncEffects> SyncQueue::on_asked_to_wait(store::Transaction& tx, Instant until,
                                                Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY_ASSIGN(const Instant known, quiet_until(tx));
  LANDFALL_TRY(take_back_ready(step));
  if (until > known)
    LANDFALL_TRY(store::CounterTable::set(tx, store::kOutboxHoldUntilMs, until.unix_ms));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<Instant> SyncQueue::quiet_until(const store::Reader& reader) {
  LANDFALL_TRY_ASSIGN(const std::int64_t hold_ms,
                      store::CounterTable::get(reader, store::kOutboxHoldUntilMs));
  return Instant{hold_ms};
}

Status SyncQueue::on_adopted(store::Transaction& tx, const std::vector<OperationId>& operations) {
  for (const OperationId& id : operations) LANDFALL_TRY(OperationTable::mark_adopted(tx, id));
  return {};
}

Result<SyncEffects> SyncQueue::on_documents_of_conflicts(
    store::Transaction& tx, const std::vector<DocumentOfConflict>& documents, Instant now) {
  QueueStep step = step_at(tx, now);
  for (const auto& [operation, document] : documents) {
    LANDFALL_TRY(OperationTable::mark_adopted(tx, operation));
    if (document)
      LANDFALL_TRY(inbox().meet_unseen(step, operation, *document, server_clock_.offset()));
  }
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Status SyncQueue::on_notices_seen(store::Transaction& tx, std::int64_t up_to_seq) {
  return store::NoticeTable::mark_seen(tx, up_to_seq);
}

QueueStep SyncQueue::step_at(store::Transaction& tx, Instant now) const {
  const Instant kept_from = server_clock_.is_known() ? clocks(now).later : Instant{};
  return {tx, parts_.profile, parts_.outbox_key, now, kept_from};
}

ForgettingClocks SyncQueue::clocks(Instant now) const {
  const Instant server_now = now + server_clock_.offset();
  return {std::min(now, server_now), std::max(now, server_now)};
}

bool SyncQueue::wants_to_forget(Instant now) const {
  const bool is_idle = in_flight_.empty() && !receipts_in_flight_;
  return is_idle && server_clock_.is_known() && pruning_.is_due(clocks(now));
}

Result<bool> SyncQueue::look_for_settled(const store::Reader& reader, Instant now) {
  return pruning_.look(reader, clocks(now));
}

Status SyncQueue::on_forget(store::Transaction& tx, Instant now) {
  return pruning_.prune(tx, clocks(now));
}

}  // namespace landfall::sync
