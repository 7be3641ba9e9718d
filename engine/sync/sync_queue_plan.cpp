#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/batch_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/batch.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/retry_schedule.hpp"
#include "engine/sync/sync_queue.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

constexpr Instant kNever{};
constexpr std::size_t kReceiptIdsMax = 100;

// The envelope of a push beside its operations: names, braces and the device's id.
constexpr std::int64_t kPushEnvelopeBytes = 128;

std::string receipts_body(const std::vector<OperationId>& ids) {
  Json list = Json::array();
  for (const OperationId& id : ids) list.push_back(to_text(id));
  return dump_json(Json{{"ids", std::move(list)}});
}

}  // namespace

BatchChooser::Bounds SyncQueue::push_bounds() const {
  const profile::SyncRules& rules = parts_.profile.sync;
  return {std::max<std::size_t>(1, rules.batch_operations_max),
          std::max<std::int64_t>(
              1, static_cast<std::int64_t>(rules.batch_bytes_max) - kPushEnvelopeBytes)};
}

FreeSlots SyncQueue::free_slots() const {
  FreeSlots slots;
  slots.together = push_bounds();
  slots.alone = has_endpoint_delivery_ ? limits::kEndpointCallsMax : 0;
  slots.pace = &parts_.pace;
  if (mutant::is(mutant::Mutant::forget_calls)) return slots;
  for (const auto& [batch, call] : in_flight_) {
    for (const Before& before : call.operations) slots.busy_lanes.push_back(before.entity);
    if (call.way.delivery != profile::Delivery::endpoint) {
      slots.together = {0, 0};
    } else if (slots.alone > 0) {
      --slots.alone;
    }
  }
  return slots;
}

bool SyncQueue::can_send() const {
  if (!reachable_ || !authenticated_) return false;
  const FreeSlots slots = free_slots();
  return slots.together.operations_max > 0 || slots.alone > 0;
}

// No push leaves before it: a server asked for quiet, an edge spreads its sends, or a session was
// refused that its owner still holds valid.
Result<Instant> SyncQueue::held_until(const store::Reader& reader) const {
  LANDFALL_TRY_ASSIGN(const Instant quiet, quiet_until(reader));
  Instant until = std::max(quiet, edge_hold_until_);
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
  FreeSlots slots = free_slots();
  if (slots.together.operations_max > 0) slots.together = {1, 1};
  slots.alone = std::min<std::size_t>(slots.alone, 1);
  LANDFALL_TRY_ASSIGN(BatchChoice choice, choose_batch(reader, parts_.profile, slots, now));
  const bool is_ready = !choice.operations.empty() || !choice.alone.empty() ||
                        !choice.beyond_receipts.empty() ||
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
Status SyncQueue::look_again(QueueStep& step) {
  LANDFALL_TRY_ASSIGN(step.effects.wake_at, next_plan_at(step.tx, step.now));
  LANDFALL_TRY(look_at_drain(step));
  gather_pulls(step);
  return {};
}

// It opens with the network and a session. One that is being renewed meanwhile is still the same
// way.
Status SyncQueue::note_way(const store::Reader& reader, Instant now) {
  const bool has_session = authenticated_ || (is_renewing_ && drain_.is_way_open());
  LANDFALL_TRY_ASSIGN(const std::int64_t newest_seq, OperationTable::newest_seq(reader));
  drain_.on_way(reachable_ && has_session, newest_seq, now);
  return {};
}

Status SyncQueue::look_at_drain(QueueStep& step) {
  const auto last_seq = drain_.last_seq();
  if (!last_seq) return {};
  LANDFALL_TRY_ASSIGN(const bool has_work, OperationTable::is_one_to_send(step.tx, *last_seq));
  if (auto drained = drain_.on_look(has_work, step.now)) step.effects.drained = drained;
  return {};
}

// One pull behind the last of several pushes brings what one behind each would (P-28, step 3); a
// queue that is never empty, or a call that hangs, must not keep others' changes from the user for
// longer than the limit.
void SyncQueue::gather_pulls(QueueStep& step) {
  if (step.effects.pull && !pull_owed_since_) pull_owed_since_ = step.now;
  step.effects.pull = let_pull_go(step.effects.wake_at, step.now);
}

// True when the pull that is owed is to be made now; else `wake_at` is no later than its instant.
bool SyncQueue::let_pull_go(std::optional<Instant>& wake_at, Instant now) {
  if (!pull_owed_since_) return false;
  const bool goes_on = !in_flight_.empty() || (wake_at && *wake_at <= now);
  const Instant at = *pull_owed_since_ + Duration{limits::kPullBehindPushesMs};
  if (!goes_on || at <= now) return take_owed_pull();
  wake_at = std::min(wake_at.value_or(at), at);
  return false;
}

bool SyncQueue::take_owed_pull() { return std::exchange(pull_owed_since_, {}).has_value(); }

Outlook SyncQueue::look_at_pull(Instant now) {
  Outlook outlook;
  outlook.pull = let_pull_go(outlook.wake_at, now);
  return outlook;
}

Result<Outlook> SyncQueue::look_ahead(const store::Reader& reader, Instant now) {
  Outlook outlook;
  if (can_send() && !receipts_in_flight_) {
    // Nobody to ask about is as good as asked: what fails later waits for the contact after it.
    LANDFALL_TRY_ASSIGN(receipts_wanted_, has_receipts_to_ask(reader));
  }
  LANDFALL_TRY_ASSIGN(outlook.wake_at, next_plan_at(reader, now));
  outlook.wants_plan = outlook.wake_at && *outlook.wake_at <= now;
  outlook.pull = let_pull_go(outlook.wake_at, now);
  return outlook;
}

Result<std::optional<Instant>> SyncQueue::next_send_at(const store::Reader& reader,
                                                       Instant now) const {
  const FreeSlots slots{{1, 1}, has_endpoint_delivery_ ? std::size_t{1} : 0, {}, &parts_.pace};
  LANDFALL_TRY_ASSIGN(const BatchChoice choice, choose_batch(reader, parts_.profile, slots, now));
  std::optional<Instant> at = choice.has_work() ? now : choice.look_again_at;
  LANDFALL_TRY_ASSIGN(const auto waits_for_session,
                      OperationTable::blocked_for(reader, BlockReason::auth));
  if (!waits_for_session.empty()) at = now;
  LANDFALL_TRY_ASSIGN(const auto in_flight, OperationTable::in_flight(reader));
  for (const Operation& operation : in_flight)
    at = std::min(at.value_or(operation.due_at), operation.due_at);
  if (!at) return at;
  LANDFALL_TRY_ASSIGN(const Instant held, held_until(reader));
  return std::optional<Instant>{std::max(*at, held)};
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

// As if the send had already failed, so that a crash before the answer neither repeats it at once
// nor forgets that it may have happened.
void SyncQueue::mark_sent(const QueueStep& step, const BatchId& batch, bool alone,
                          Operation& operation) const {
  operation.state = OperationState::sending;
  operation.batch = batch;
  operation.effect = OperationEffect::possible;
  operation.attempts += 1;
  operation.alone = alone;
  operation.due_at = step.now + delay_after(step.rules.retry, operation.attempts);
  operation.wait = Wait::ladder;
  if (operation.first_sent_at == kNever) operation.first_sent_at = step.now;
  operation.last_sent_at = step.now;
}

// The call that carries them; it counts as in flight from now on.
Result<PushCall> SyncQueue::make_call(QueueStep& step, const Way& way,
                                      const std::vector<Operation>& operations) {
  const auto batch = make_id<BatchId>(step.now, parts_.secure_random);
  InFlight in_flight{way, target_of(way, operations.front().entity), {}};
  PushCall push{batch, {}, {}};
  std::vector<Outgoing> outgoing;
  for (const Operation& operation : operations) {
    in_flight.operations.push_back({operation.id, operation.entity, operation.effect,
                                    operation.attempts, operation.first_sent_at,
                                    operation.last_sent_at});
    LANDFALL_TRY_ASSIGN(auto content,
                        OperationTable::content(step.tx, parts_.outbox_key, operation));
    const bool renamed = mutant::is(mutant::Mutant::new_id_on_retry) && operation.attempts > 0;
    const auto id = renamed ? make_id<OperationId>(step.now, parts_.secure_random) : operation.id;
    outgoing.push_back({operation, id, std::move(content)});
    push.operations.push_back(operation.id);
  }
  LANDFALL_TRY_ASSIGN(push.call, call_of(parts_.profile, way, parts_.device_id, outgoing));
  LANDFALL_TRY(store::BatchTable::insert(
      step.tx, {batch, step.now, static_cast<std::int64_t>(push.operations.size()),
                static_cast<std::int64_t>(push.call.body.size())}));
  in_flight_.emplace(batch, std::move(in_flight));
  return push;
}

// Makes the call durable as sent before it is.
Status SyncQueue::put_in_flight(QueueStep& step, const Way& way,
                                std::vector<Operation> operations) {
  LANDFALL_TRY_ASSIGN(PushCall push, make_call(step, way, operations));
  for (Operation& operation : operations) {
    mark_sent(step, push.batch, operations.size() == 1, operation);
    LANDFALL_TRY(step.save(operation));
  }
  parts_.pace.on_sent(in_flight_.at(push.batch).target, step.now);
  step.effects.pushes.push_back(std::move(push));
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
  parts_.pace.on_sent(std::string(kReceiptsTarget), step.now);
  ReceiptsCall call{ids, {"receipts", {}, {}, receipts_body(ids)}};
  step.effects.receipts = std::move(call);
  return {};
}

Result<SyncEffects> SyncQueue::plan(store::Transaction& tx, Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY(plan_in(step));
  return std::move(step.effects);
}

Status SyncQueue::plan_in(QueueStep& step) {
  if (!can_send()) {
    gather_pulls(step);
    LANDFALL_TRY(look_at_drain(step));
    return make_ready(step);
  }
  LANDFALL_TRY_ASSIGN(const Instant held, held_until(step.tx));
  if (step.now < held) return look_again(step);
  if (auth_hold_until_) {
    auth_hold_until_.reset();
    LANDFALL_TRY(return_blocked(step, BlockReason::auth));
  }
  LANDFALL_TRY_ASSIGN(BatchChoice choice, choose_permitted(step));
  LANDFALL_TRY(block_forgotten(step, std::move(choice.beyond_receipts)));
  LANDFALL_TRY(ask_receipts(step, choice.to_ask));
  if (!choice.operations.empty())
    LANDFALL_TRY(put_in_flight(step, choice.way, std::move(choice.operations)));
  for (Operation& operation : choice.alone) {
    const Way way = way_of(parts_.profile, operation);
    LANDFALL_TRY(put_in_flight(step, way, {std::move(operation)}));
  }
  LANDFALL_TRY(make_ready(step));
  return look_again(step);
}

}  // namespace landfall::sync
