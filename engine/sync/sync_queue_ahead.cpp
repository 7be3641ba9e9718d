#include <algorithm>
#include <utility>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/batch_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/retry_schedule.hpp"
#include "engine/sync/sync_queue.hpp"

// The push behind the one in flight is made ready while that one is on its way, so that it need not
// wait for a commit of its own when the answer comes: strict order costs a round trip, no sync.

namespace landfall::sync {
namespace {

using store::OperationTable;

// Nothing of it is known to anybody but this device, so that it can be taken back as if it had
// never been chosen.
bool is_fresh(const Operation& operation) {
  return operation.state == OperationState::queued && operation.effect == OperationEffect::none &&
         operation.attempts == 0 && operation.first_sent_at == Instant{} && !operation.part;
}

}  // namespace

// The push that others may stand behind: of operations that a repetition does no harm, to a server
// that answered last.
std::optional<BatchId> SyncQueue::push_in_flight() const {
  if (parts_.profile.sync.idempotency == profile::Idempotency::none) return {};
  for (const auto& [batch, call] : in_flight_) {
    if (call.way.delivery == profile::Delivery::batch && !parts_.pace.is_repeat(call.target))
      return batch;
  }
  return {};
}

// Only a full one: what joins the outbox meanwhile would have shared a smaller one's call.
Result<std::vector<Operation>> SyncQueue::choose_ready(const QueueStep& step) const {
  FreeSlots slots = free_slots();
  slots.together = push_bounds();
  slots.alone = 0;
  LANDFALL_TRY_ASSIGN(BatchChoice choice, choose_batch(step.tx, parts_.profile, slots, step.now));
  const bool is_full = choice.operations.size() >= slots.together.operations_max;
  const bool may_be_taken_back =
      choice.way.delivery == profile::Delivery::batch &&
      std::all_of(choice.operations.begin(), choice.operations.end(),
                  [&](const Operation& each) { return is_fresh(each) && may_be_sent(each); });
  if (!is_full || !may_be_taken_back) choice.operations.clear();
  return std::move(choice.operations);
}

// Durable as operations that may have left, but at the cost of no attempt and due at once: a crash
// before they leave costs them nothing, and after it they go again under the same ids.
Status SyncQueue::make_ready(QueueStep& step) {
  const auto behind = ready_ ? std::nullopt : push_in_flight();
  if (!behind) return {};
  if (!reachable_ || !authenticated_) return {};
  LANDFALL_TRY_ASSIGN(const Instant held, held_until(step.tx));
  if (step.now < held) return {};
  LANDFALL_TRY_ASSIGN(auto operations, choose_ready(step));
  if (operations.empty()) return {};
  const bool alone = operations.size() == 1;
  LANDFALL_TRY_ASSIGN(PushCall push, make_call(step, {}, operations));
  for (Operation& operation : operations) {
    operation.state = OperationState::sending;
    operation.batch = push.batch;
    operation.effect = OperationEffect::possible;
    operation.alone = alone;
    operation.first_sent_at = step.now;
    operation.last_sent_at = step.now;
    LANDFALL_TRY(OperationTable::put_in_batch(step.tx, operation));
  }
  ready_ = ReadyCall{*behind, std::move(push)};
  return {};
}

std::optional<PushCall> SyncQueue::take_ready(const BatchId& batch, const http::Answer& answer,
                                              Instant now) {
  const bool is_next = ready_ && ready_->behind == batch && in_flight_.contains(batch);
  const Instant held = std::max(edge_hold_until_, auth_hold_until_.value_or(Instant{}));
  if (!is_next || !reachable_ || !authenticated_ || now < held) return {};
  const bool any_will_do = mutant::is(mutant::Mutant::send_behind_any_answer);
  if (!any_will_do && !is_all_applied(batch, answer, now)) return {};
  PushCall push = std::move(ready_->push);
  ready_.reset();
  left_ahead_ = push.batch;
  parts_.pace.on_sent(in_flight_.at(push.batch).target, now);
  return push;
}

// What take_ready let go: in the step that settles the call before it.
Status SyncQueue::note_left(QueueStep& step) {
  if (!left_ahead_) return {};
  const BatchId batch = *std::exchange(left_ahead_, std::nullopt);
  LANDFALL_TRY(OperationTable::note_left(step.tx, batch,
                                         step.now + delay_after(step.rules.retry, 1), step.now));
  for (const Before& each : in_flight_.at(batch).operations) {
    step.effects.changes.push_back(
        {each.id, each.entity, OperationState::sending, BlockReason::none, each.attempts + 1});
  }
  return {};
}

Status SyncQueue::take_back_ready(QueueStep& step) {
  if (!ready_) return {};
  const BatchId batch = std::exchange(ready_, std::nullopt)->push.batch;
  LANDFALL_TRY_ASSIGN(auto operations, OperationTable::in_batch(step.tx, batch));
  for (Operation& operation : operations) {
    operation.state = OperationState::queued;
    operation.batch.reset();
    operation.effect = OperationEffect::none;
    operation.first_sent_at = Instant{};
    operation.last_sent_at = Instant{};
    LANDFALL_TRY(OperationTable::save(step.tx, operation));
  }
  in_flight_.erase(batch);
  return store::BatchTable::remove(step.tx, batch);
}

Result<Operation> SyncQueue::taken_back(QueueStep& step, Operation operation) {
  if (!ready_ || operation.batch != ready_->push.batch) return operation;
  LANDFALL_TRY(take_back_ready(step));
  return named(step.tx, operation.id);
}

}  // namespace landfall::sync
