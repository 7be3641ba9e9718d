#include <algorithm>
#include <utility>

#include "engine/profile/profile.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/conflict_inbox.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/sync_queue.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

constexpr Instant kNever{};

tl::unexpected<Error> refused(std::string code, std::string message) {
  return failure(ErrorClass::refused, std::move(code), std::move(message));
}

tl::unexpected<Error> wrong_state(const Operation& operation, std::string_view word) {
  return refused("operation.wrong_state", "an operation that is " +
                                              std::string(to_string(operation.state)) +
                                              " cannot be " + std::string(word));
}

tl::unexpected<Error> may_have_happened() {
  return refused("operation.may_have_happened", "the server may already have done it");
}

}  // namespace

Result<Operation> SyncQueue::named(const store::Reader& reader, const OperationId& id) const {
  LANDFALL_TRY_ASSIGN(auto operation, OperationTable::find(reader, id));
  if (!operation)
    return failure(ErrorClass::invalid, "operation.not_found", "there is no operation of that id");
  return std::move(*operation);
}

Result<SyncEffects> SyncQueue::on_retry(store::Transaction& tx, const OperationId& id,
                                        Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY_ASSIGN(Operation operation, named(tx, id));
  const bool is_blocked = operation.state == OperationState::blocked;
  if (operation.state != OperationState::failed && !is_blocked)
    return wrong_state(operation, "retried");
  if (is_blocked && operation.block_reason == BlockReason::dependency) {
    return refused("operation.wrong_state", "it waits for the operation it stands on");
  }
  operation.attempts = 0;
  operation.part.reset();
  operation.waiting_since = kNever;
  operation.cause.clear();
  // The user takes it on themselves that the server may have forgotten it: its age counts from now.
  if (operation.first_sent_at != kNever) operation.first_sent_at = now;
  const bool was_sent = operation.last_sent_at != kNever;
  const Instant due_at =
      was_sent ? operation.last_sent_at + Duration{limits::kResendGapMs} : kNever;
  step.wait_for_turn(operation, due_at > now ? due_at : kNever, Wait::none);
  LANDFALL_TRY_ASSIGN(const bool is_held, step.is_held(operation));
  if (is_held) step.block(operation, BlockReason::dependency, "dependency");
  LANDFALL_TRY(step.save(operation));
  LANDFALL_TRY(step.follow(operation));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<SyncEffects> SyncQueue::on_cancel(store::Transaction& tx, const OperationId& id,
                                         Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY_ASSIGN(Operation operation, named(tx, id));
  if (is_settled(operation.state)) return wrong_state(operation, "cancelled");
  LANDFALL_TRY_ASSIGN(operation, taken_back(step, std::move(operation)));
  const bool is_waiting =
      operation.state == OperationState::queued || operation.state == OperationState::blocked;
  if (operation.effect != OperationEffect::none || operation.state == OperationState::sending) {
    return may_have_happened();
  }
  if (!is_waiting || operation.first_sent_at != kNever) return wrong_state(operation, "cancelled");
  step.settle(operation, OperationState::cancelled, "user.cancelled");
  LANDFALL_TRY(step.save(operation));
  LANDFALL_TRY(step.follow(operation));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<SyncEffects> SyncQueue::on_discard(store::Transaction& tx, const OperationId& id,
                                          bool accept_unknown, Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY_ASSIGN(Operation operation, named(tx, id));
  if (is_settled(operation.state)) return wrong_state(operation, "discarded");
  LANDFALL_TRY_ASSIGN(operation, taken_back(step, std::move(operation)));
  if (operation.effect != OperationEffect::none && !accept_unknown) return may_have_happened();
  step.settle(operation, OperationState::discarded, "user.discarded");
  LANDFALL_TRY(step.save(operation));
  LANDFALL_TRY(step.follow(operation));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<SyncEffects> SyncQueue::on_resolve(store::Transaction& tx,
                                          const conflict::ConflictChoice& choice, Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY(inbox().resolve(step, choice));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<SyncEffects> SyncQueue::on_reopen(store::Transaction& tx, const OperationId& id,
                                         Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY(inbox().reopen(step, id));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

ConflictInbox SyncQueue::inbox() const { return {parts_.profile, parts_.secure_random}; }

}  // namespace landfall::sync
