#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/batch_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/batch.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/retry_schedule.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

constexpr Instant kNever{};
constexpr std::size_t kReceiptIdsMax = 100;

// The envelope of a push beside its operations: names, braces and the device's id.
constexpr std::int64_t kPushEnvelopeBytes = 128;

BatchChooser::Bounds bounds_of(const profile::SyncRules& rules) {
  return {std::max<std::size_t>(1, rules.batch_operations_max),
          std::max<std::int64_t>(
              1, static_cast<std::int64_t>(rules.batch_bytes_max) - kPushEnvelopeBytes)};
}

std::string receipts_body(const std::vector<OperationId>& ids) {
  Json list = Json::array();
  for (const OperationId& id : ids) list.push_back(to_text(id));
  return dump_json(Json{{"ids", std::move(list)}});
}

}  // namespace

// No push leaves before it: a server asked for quiet, an edge spreads its sends, or a session was
// refused that its owner still holds valid.
Result<Instant> SyncQueue::held_until(const store::Reader& reader) const {
  LANDFALL_TRY_ASSIGN(const std::int64_t hold_ms,
                      store::CounterTable::get(reader, store::kOutboxHoldUntilMs));
  Instant until = std::max(Instant{hold_ms}, edge_hold_until_);
  if (auth_hold_until_) until = std::max(until, *auth_hold_until_);
  return until;
}

Result<bool> SyncQueue::has_receipts_to_ask(const store::Reader& reader) const {
  if (!receipts_wanted_ || receipts_in_flight_ || parts_.profile.endpoint("receipts") == nullptr)
    return false;
  LANDFALL_TRY_ASSIGN(const auto failed, OperationTable::failed_but_possible(reader, 0, 1));
  return !failed.empty();
}

// When plan has something to do; now, when it has already.
Result<std::optional<Instant>> SyncQueue::next_plan_at(const store::Reader& reader,
                                                       Instant now) const {
  if (!can_send()) return std::optional<Instant>{};
  LANDFALL_TRY_ASSIGN(BatchChoice choice, choose_batch(reader, parts_.profile.sync, {1, 1}, now));
  const bool is_ready = !choice.operations.empty() || !choice.beyond_receipts.empty() ||
                        (!choice.to_ask.empty() && !receipts_in_flight_);
  std::optional<Instant> wake_at = is_ready ? now : choice.look_again_at;
  if (auth_hold_until_) wake_at = std::min(wake_at.value_or(*auth_hold_until_), *auth_hold_until_);
  LANDFALL_TRY_ASSIGN(const bool has_question, has_receipts_to_ask(reader));
  if (has_question) wake_at = now;
  if (!wake_at) return wake_at;
  LANDFALL_TRY_ASSIGN(const Instant held, held_until(reader));
  return std::optional<Instant>{std::max(*wake_at, held)};
}

// For the one timer. Every step that frees or delays work ends with it, so that queued work never
// waits for nobody (INV-Q10).
Status SyncQueue::look_again(QueueStep& step) const {
  LANDFALL_TRY_ASSIGN(step.effects.wake_at, next_plan_at(step.tx, step.now));
  return {};
}

Result<Outlook> SyncQueue::look_ahead(const store::Reader& reader, Instant now) {
  Outlook outlook;
  if (!can_send()) return outlook;
  if (!receipts_in_flight_) {
    // Nobody to ask about is as good as asked: what fails later waits for the contact after it.
    LANDFALL_TRY_ASSIGN(receipts_wanted_, has_receipts_to_ask(reader));
  }
  LANDFALL_TRY_ASSIGN(outlook.wake_at, next_plan_at(reader, now));
  outlook.wants_plan = outlook.wake_at && *outlook.wake_at <= now;
  return outlook;
}

Status SyncQueue::return_blocked(QueueStep& step, BlockReason reason) const {
  LANDFALL_TRY_ASSIGN(auto blocked, OperationTable::blocked_for(step.tx, reason));
  for (Operation& operation : blocked) {
    operation.cause.clear();
    const bool server_waits = operation.wait == Wait::server && operation.due_at > step.now;
    step.wait_for_turn(operation, server_waits ? operation.due_at : kNever,
                       server_waits ? Wait::server : Wait::none);
    LANDFALL_TRY(step.save(operation));
    LANDFALL_TRY(step.follow(operation));
  }
  return {};
}

// The server may have forgotten these ids: sending them again could do their work a second time, so
// the user decides.
Status SyncQueue::block_forgotten(QueueStep& step, std::vector<Operation> operations) const {
  for (Operation& operation : operations) {
    step.block(operation, BlockReason::outcome_unknown, "receipt.expired");
    LANDFALL_TRY(step.save(operation));
    LANDFALL_TRY(step.tell(operation, "blocked", "receipt.expired"));
    LANDFALL_TRY(step.follow(operation));
  }
  return {};
}

// Makes the batch durable as sent before it is: attempts and due times stand as if it had failed,
// so that a crash between here and the answer neither repeats it at once nor forgets that it may
// have happened.
Status SyncQueue::put_in_flight(QueueStep& step, std::vector<Operation> operations) {
  InFlight in_flight{make_id<BatchId>(step.now, parts_.secure_random), {}};
  PushCall push{in_flight.batch, {}, {"push", {}, {}, {}}};
  std::vector<std::string> wire;
  for (Operation& operation : operations) {
    in_flight.operations.push_back({operation.id, operation.effect, operation.attempts,
                                    operation.first_sent_at, operation.last_sent_at});
    LANDFALL_TRY_ASSIGN(const auto content,
                        OperationTable::content(step.tx, parts_.outbox_key, operation.id));
    const bool renamed = mutant::is(mutant::Mutant::new_id_on_retry) && operation.attempts > 0;
    const auto id = renamed ? make_id<OperationId>(step.now, parts_.secure_random) : operation.id;
    wire.push_back(wire_operation(operation, id, content));
    push.operations.push_back(operation.id);

    operation.state = OperationState::sending;
    operation.batch = in_flight.batch;
    operation.effect = OperationEffect::possible;
    operation.attempts += 1;
    operation.alone = operations.size() == 1;
    operation.due_at = step.now + delay_after(step.rules.retry, operation.attempts);
    operation.wait = Wait::ladder;
    if (operation.first_sent_at == kNever) operation.first_sent_at = step.now;
    operation.last_sent_at = step.now;
    LANDFALL_TRY(step.save(operation));
  }
  push.call.body = push_body(parts_.device_id, wire);
  LANDFALL_TRY(store::BatchTable::insert(
      step.tx, {in_flight.batch, step.now, static_cast<std::int64_t>(push.operations.size()),
                static_cast<std::int64_t>(push.call.body.size())}));
  in_flight_ = std::move(in_flight);
  step.effects.push = std::move(push);
  return {};
}

// What may have happened although its retries are spent is asked about whenever the server is in
// reach; a server whose pushes are not idempotent is asked about every lost answer.
Status SyncQueue::ask_receipts(QueueStep& step, const std::vector<Operation>& unknown) {
  if (receipts_in_flight_ || !reachable_ || !authenticated_) return {};
  if (!receipts_wanted_ && unknown.empty()) return {};
  if (parts_.profile.endpoint("receipts") == nullptr) return {};
  std::vector<OperationId> ids;
  for (const Operation& operation : unknown) {
    if (ids.size() < kReceiptIdsMax) ids.push_back(operation.id);
  }
  if (receipts_wanted_ && ids.size() < kReceiptIdsMax) {
    const std::size_t room = kReceiptIdsMax - ids.size();
    LANDFALL_TRY_ASSIGN(const auto failed,
                        OperationTable::failed_but_possible(step.tx, receipts_asked_up_to_, room));
    for (const Operation& operation : failed) ids.push_back(operation.id);
    receipts_asked_up_to_ = failed.size() < room ? 0 : failed.back().seq;
  }
  receipts_wanted_ = false;
  if (ids.empty()) return {};
  receipts_in_flight_ = true;
  ReceiptsCall call{ids, {"receipts", {}, {}, receipts_body(ids)}};
  step.effects.receipts = std::move(call);
  return {};
}

Result<SyncEffects> SyncQueue::plan(store::Transaction& tx, Instant now) {
  QueueStep step(tx, parts_.profile, parts_.outbox_key, now);
  if (!can_send()) return std::move(step.effects);
  LANDFALL_TRY_ASSIGN(const Instant held, held_until(tx));
  if (now < held) {
    LANDFALL_TRY(look_again(step));
    return std::move(step.effects);
  }
  if (auth_hold_until_) {
    auth_hold_until_.reset();
    LANDFALL_TRY(return_blocked(step, BlockReason::auth));
  }
  LANDFALL_TRY_ASSIGN(BatchChoice choice, choose_batch(tx, step.rules, bounds_of(step.rules), now));
  LANDFALL_TRY(block_forgotten(step, std::move(choice.beyond_receipts)));
  LANDFALL_TRY(ask_receipts(step, choice.to_ask));
  if (!choice.operations.empty()) {
    LANDFALL_TRY(put_in_flight(step, std::move(choice.operations)));
  } else {
    LANDFALL_TRY(look_again(step));
  }
  return std::move(step.effects);
}

}  // namespace landfall::sync
