#include <algorithm>
#include <utility>

#include "engine/profile/profile.hpp"
#include "engine/store/batch_table.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/notice_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/conflict_inbox.hpp"
#include "engine/sync/push_results.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/references.hpp"
#include "engine/sync/retry_schedule.hpp"
#include "engine/sync/sync_queue.hpp"
#include "engine/sync/upcast_unsent.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

// When a call that was marked as sent had left at the latest. It may have waited for its token, or
// have left again behind a 401 and the refresh, whose last chance is a call as well: three in all,
// and none takes longer than the timeout. Nor can it have left since.
Instant left_by(const QueueStep& step, const Operation& operation) {
  constexpr int kCallsBetween = 3;
  return std::min(step.now, operation.last_sent_at + kCallsBetween * step.rules.call_timeout);
}

// The process died with a batch in flight: nobody will ever tell what became of it. Attempts and
// due times were made durable before it left, as if it had failed. How long the mark stood before
// the call left is not known, so that all delays count from the latest instant it can have been
// (INV-Q8), as does the age at which a receipt may deny it.
Status find_unknown(QueueStep& step) {
  LANDFALL_TRY_ASSIGN(auto in_flight, OperationTable::in_flight(step.tx));
  for (Operation& operation : in_flight) {
    operation.cause = "engine.restarted";
    const Duration later = left_by(step, operation) - operation.last_sent_at;
    operation.last_sent_at = operation.last_sent_at + later;
    if (step.rules.idempotency == profile::Idempotency::none) {
      step.block(operation, BlockReason::outcome_unknown, "engine.restarted");
      LANDFALL_TRY(step.tell(operation, "blocked", "outcome.unknown"));
    } else {
      step.wait_for_turn(operation, operation.due_at + later, operation.wait);
    }
    LANDFALL_TRY(step.save(operation));
    LANDFALL_TRY(step.follow(operation));
  }
  return store::BatchTable::clear(step.tx);
}

// A clock that was set back since must not make anybody wait for longer than the rules say, or wait
// for free for ever.
Status believe_clock(QueueStep& step, Wait wait) {
  LANDFALL_TRY_ASSIGN(auto waiting, OperationTable::waiting(step.tx, wait));
  for (Operation& operation : waiting) {
    const Operation stored = operation;
    operation.due_at = believed_due(operation, step.rules, step.now);
    operation.last_sent_at = std::min(operation.last_sent_at, step.now);
    operation.first_sent_at = std::min(operation.first_sent_at, step.now);
    operation.waiting_since = std::min(operation.waiting_since, step.now);
    const bool same = stored.due_at == operation.due_at &&
                      stored.last_sent_at == operation.last_sent_at &&
                      stored.first_sent_at == operation.first_sent_at &&
                      stored.waiting_since == operation.waiting_since;
    if (!same) LANDFALL_TRY(OperationTable::save(step.tx, operation));
  }
  return {};
}

Status believe_hold(QueueStep& step) {
  LANDFALL_TRY_ASSIGN(const std::int64_t hold_ms,
                      store::CounterTable::get(step.tx, store::kOutboxHoldUntilMs));
  const Instant longest = step.now + step.rules.retry_after_max;
  if (hold_ms <= longest.unix_ms) return {};
  return store::CounterTable::set(step.tx, store::kOutboxHoldUntilMs, longest.unix_ms);
}

// Verdicts whose entity was not yet made a document when the process ended, and conflicts that wait
// for theirs.
Status repeat_entities(QueueStep& step) {
  LANDFALL_TRY_ASSIGN(const auto unadopted,
                      OperationTable::unadopted(step.tx, limits::kEffectsMax));
  for (const Operation& operation : unadopted) {
    if (!operation.result_version) {
      step.effects.entities.push_back({operation.id, ""});
      continue;
    }
    LANDFALL_TRY_ASSIGN(const auto verdict,
                        OperationTable::verdict(step.tx, step.key, operation.id));
    auto document = entity_of_verdict(verdict.value_or(""));
    if (document) step.effects.entities.push_back({operation.id, std::move(*document)});
  }
  return {};
}

// Then the answer is not about these operations.
Result<bool> brings_foreign_document(const QueueStep& step, const OperationResults& results) {
  for (const auto& [id, result] : results) {
    LANDFALL_TRY_ASSIGN(const auto operation, OperationTable::find(step.tx, id));
    if (operation && !may_belong_to(result, step.profile, *operation)) return true;
  }
  return false;
}

}  // namespace

Result<SyncEffects> SyncQueue::on_open(store::Transaction& tx, Instant now) {
  LANDFALL_TRY_ASSIGN(greatest_id_, store::OperationTable::greatest_id(tx));
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY(find_unknown(step));
  LANDFALL_TRY(upcast_unsent(step));
  LANDFALL_TRY(read_names(step));
  LANDFALL_TRY(believe_clock(step, Wait::ladder));
  LANDFALL_TRY(believe_clock(step, Wait::server));
  LANDFALL_TRY(believe_hold(step));
  LANDFALL_TRY(return_blocked(step, BlockReason::upgrade));
  LANDFALL_TRY(match_rights(step));
  LANDFALL_TRY_ASSIGN(step.effects.notices, store::NoticeTable::unseen(tx));
  LANDFALL_TRY(repeat_entities(step));
  LANDFALL_TRY_ASSIGN(const auto open, store::ConflictTable::list(tx, parts_.outbox_key, false, 0,
                                                                  limits::kListConflictsMax));
  for (const auto& each : open.conflicts)
    step.effects.conflicts.push_back(conflict::change_of(each));
  return std::move(step.effects);
}

// A verdict counts whatever the operation does meanwhile; where its user had it sent once more,
// the answer to that call says nothing new. That the server did not know the id counts only when a
// send that is still on its way would have arrived: then it certainly did not happen.
Status SyncQueue::settle_by_receipt(QueueStep& step, Operation operation,
                                    const OperationResult* result) const {
  const bool has_verdict = result != nullptr && result->status != ResultStatus::unseen;
  if (has_verdict && !is_settled(operation.state)) {
    LANDFALL_TRY(step.settle_by_verdict(operation, *result));
    LANDFALL_TRY(step.save(operation, result->verdict));
    return step.follow(operation);
  }
  const bool asked_first = operation.state == OperationState::unknown;
  const bool is_open =
      asked_first || operation.state == OperationState::failed ||
      (operation.state == OperationState::blocked && operation.effect == OperationEffect::possible);
  if (has_verdict || !is_open) return {};
  const Instant counts_from =
      operation.last_sent_at + step.rules.call_timeout + step.rules.receipt_settle;
  const bool did_not_happen = result != nullptr && step.now >= counts_from;
  if (did_not_happen) operation.effect = OperationEffect::none;
  if (asked_first && step.rules.idempotency == profile::Idempotency::receipts) {
    const Instant later = result != nullptr
                              ? counts_from
                              : step.now + delay_after(step.rules.retry, operation.attempts);
    if (did_not_happen) step.wait_for_turn(operation, Instant{}, Wait::none);
    if (!did_not_happen) step.wait_for_turn(operation, later, Wait::server);
    return step.save(operation);
  }
  return did_not_happen && !asked_first ? step.save(operation) : Status{};
}

Result<SyncEffects> SyncQueue::on_receipts_answer(store::Transaction& tx, const ReceiptsCall& call,
                                                  const http::Answer& answer, Instant now) {
  if (answer.response) server_clock_.take(answer.response->body, answer.left_at, now);
  QueueStep step = step_at(tx, now);
  receipts_in_flight_ = false;
  const http::Outcome outcome = http::outcome_of(
      answer, {http::Route::batch, true, step.rules.retry_after_max, now, parts_.profile.origin});
  parts_.pace.on_answer(std::string(kReceiptsTarget), outcome.fate != http::Fate::by_result);
  OperationResults results;
  if (outcome.fate == http::Fate::by_result) {
    auto parsed = parse_receipts(answer.response->body, call.operations);
    if (parsed) results = std::move(*parsed);
  }
  LANDFALL_TRY_ASSIGN(const bool is_foreign, brings_foreign_document(step, results));
  if (is_foreign) results.clear();
  step.effects.foreign = leave_out_foreign(results, parts_.profile, parts_.owner);
  for (const OperationId& id : call.operations) {
    LANDFALL_TRY_ASSIGN(auto operation, OperationTable::find(tx, id));
    if (!operation) continue;
    const auto result = results.find(id);
    LANDFALL_TRY(settle_by_receipt(step, std::move(*operation),
                                   result == results.end() ? nullptr : &result->second));
  }
  std::vector<OperationId> in_conflict;
  for (const auto& [id, result] : results) {
    if (result.status == ResultStatus::conflict) in_conflict.push_back(id);
  }
  LANDFALL_TRY(inbox().meet(step, in_conflict, server_clock_.offset()));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

}  // namespace landfall::sync
