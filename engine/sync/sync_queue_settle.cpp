#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/batch_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/open_state.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/conflict_inbox.hpp"
#include "engine/sync/push_results.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/retry_schedule.hpp"
#include "engine/sync/sync_queue.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using http::Fate;
using http::Halving;
using store::OperationTable;

constexpr Instant kNever{};
constexpr Duration kGap{limits::kResendGapMs};
constexpr std::string_view kKeptWaiting = "server.kept_waiting";

// Planted faults (engine/base/mutant.hpp).
constexpr std::string_view kClearQueue = "DELETE FROM operations WHERE " LANDFALL_IS_OPEN("");
constexpr std::string_view kRequeue =
    "UPDATE operations SET seq = (SELECT MAX(seq) + 1 FROM operations) WHERE seq = ?1 "
    "AND seq NOT IN (SELECT operation_seq FROM bases UNION ALL "
    "SELECT operation_seq FROM named_entities)";

bool is_waiting(const Operation& operation) {
  return operation.state == OperationState::queued || operation.state == OperationState::unknown;
}

BlockReason reason_of(http::Block block) {
  switch (block) {
    case http::Block::auth:
      return BlockReason::auth;
    case http::Block::permission:
      return BlockReason::permission;
    case http::Block::server:
      return BlockReason::server;
    case http::Block::upgrade:
      return BlockReason::upgrade;
  }
  return BlockReason::server;
}

// The server's own code in an answer that is not 2xx, where it gives one of a code's form.
std::string code_of(const Profile& profile, const http::Answer& answer,
                    std::string_view otherwise) {
  if (!answer.response) return std::string(otherwise);
  const auto body =
      parse_json(answer.response->body, {limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
  if (!body) return std::string(otherwise);
  const Json* code = profile::reply_value(*body, profile.errors.code);
  if (code == nullptr || !code->is_string()) return std::string(otherwise);
  std::string text = clean_code(code->get_ref<const std::string&>());
  return text.empty() ? std::string(otherwise) : text;
}

// Two halves of what goes again, each with nothing else: a poison operation ends alone. The number
// of a part is the seq of its first member, so that parts keep the order of acceptance.
void halve(std::vector<Operation*> waiting) {
  const std::size_t half = (waiting.size() + 1) / 2;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    waiting[i]->part = waiting[i < half ? 0 : half]->seq;
  }
}

}  // namespace

// The operations of the call that still are what they were when it left; a discarded one is not.
Result<std::vector<SyncQueue::Sent>> SyncQueue::take_in_flight(QueueStep& step,
                                                               const BatchId& batch,
                                                               std::optional<Instant> left_at) {
  std::vector<Sent> sent;
  LANDFALL_TRY_ASSIGN(auto operations, OperationTable::in_batch(step.tx, batch));
  const std::vector<Before>& befores = in_flight_.at(batch).operations;
  auto before = befores.begin();
  for (Operation& operation : operations) {
    // Both in the order of acceptance.
    before = std::find_if(before, befores.end(),
                          [&](const Before& each) { return each.id == operation.id; });
    LANDFALL_ASSERT(before != befores.end());
    // It may have waited for a token since it was put in flight: the gap counts from the real send.
    if (left_at) operation.last_sent_at = *left_at;
    sent.push_back({std::move(operation), *before});
  }
  LANDFALL_TRY(store::BatchTable::remove(step.tx, batch));
  in_flight_.erase(batch);
  return sent;
}

// The server asked for time, which costs nothing; but for a day at most, then the user must know.
Status SyncQueue::wait_as_asked(QueueStep& step, Operation& operation, Instant due_at) const {
  if (operation.waiting_since == kNever) operation.waiting_since = step.now;
  if (!has_waited_too_long(operation, step.rules, step.now)) {
    step.wait_for_turn(operation, due_at, Wait::server);
    return {};
  }
  step.block(operation, BlockReason::server, kKeptWaiting);
  return step.tell(operation, "blocked", kKeptWaiting);
}

// The next step of the ladder. Only an operation that was alone can be the one to blame; another
// one goes on alone or in smaller company (P-31, P-32).
Status SyncQueue::failed_attempt(QueueStep& step, Operation& operation) const {
  operation.waiting_since = kNever;
  if (operation.effect == OperationEffect::possible &&
      step.rules.idempotency == profile::Idempotency::none) {
    step.block(operation, BlockReason::outcome_unknown, operation.cause);
    return step.tell(operation, "blocked", "outcome.unknown");
  }
  if (is_spent(step.rules.retry, operation.attempts) && operation.alone) {
    step.fail(operation);
    return step.tell(operation, "failed", operation.cause);
  }
  step.wait_for_turn(operation, step.now + delay_after(step.rules.retry, operation.attempts),
                     Wait::ladder);
  return {};
}

// The server would not look at this send, and the operation was alone in it. That is a verdict,
// unless an earlier send may have been decided: then it ends as failed, and a receipt still says
// what became of it (INV-Q3).
void SyncQueue::settle_refused(QueueStep& step, Sent& sent, Fate fate) const {
  Operation& operation = sent.operation;
  if (sent.before.effect == OperationEffect::possible) {
    step.fail(operation);
    return;
  }
  operation.effect = OperationEffect::known;
  step.settle(operation,
              fate == Fate::rejected ? OperationState::rejected : OperationState::conflict, "");
}

// What the answer as a whole means for one of its operations; saved by the caller.
Status SyncQueue::settle_by_outcome(QueueStep& step, Sent& sent, const http::Outcome& outcome,
                                    bool left_device) {
  Operation& operation = sent.operation;
  operation.cause = outcome.cause;
  const bool undecided = outcome.fate == Fate::queued || outcome.fate == Fate::blocked;
  if (undecided) {
    operation.effect = sent.before.effect;
    operation.first_sent_at = sent.before.first_sent_at;
  }
  const bool is_free = !outcome.costs_attempt && !mutant::is(mutant::Mutant::count_free_waits);
  if (is_free) operation.attempts = sent.before.attempts;
  if (!left_device) operation.last_sent_at = sent.before.last_sent_at;
  switch (outcome.fate) {
    case Fate::rejected:
    case Fate::conflict:
      settle_refused(step, sent, outcome.fate);
      return {};
    case Fate::blocked:
      step.block(operation, reason_of(*outcome.block), outcome.cause);
      return {};
    case Fate::queued:
    case Fate::unknown:
      break;
    case Fate::by_result:
      LANDFALL_ASSERT(false);
  }
  if (outcome.costs_attempt) return failed_attempt(step, operation);
  if (outcome.retry_after) return wait_as_asked(step, operation, step.now + *outcome.retry_after);
  const bool again_at_once = outcome.halving == Halving::at_once;
  step.wait_for_turn(operation, again_at_once ? kNever : step.now + kGap,
                     again_at_once ? Wait::none : Wait::ladder);
  return {};
}

Status SyncQueue::settle_whole(QueueStep& step, std::vector<Sent>& sent,
                               const http::Outcome& outcome, bool left_device) {
  std::vector<Operation*> waiting;
  bool is_second_failure = false;
  bool is_spent_in_company = false;
  for (Sent& each : sent) {
    LANDFALL_TRY(settle_by_outcome(step, each, outcome, left_device));
    const Operation& operation = each.operation;
    is_second_failure = is_second_failure || operation.attempts >= 2;
    is_spent_in_company = is_spent_in_company || (outcome.costs_attempt && !operation.alone &&
                                                  is_spent(step.rules.retry, operation.attempts));
    if (is_waiting(operation)) waiting.push_back(&each.operation);
  }
  const bool halves = outcome.halving == Halving::at_once || is_spent_in_company ||
                      (outcome.halving == Halving::from_second_failure && is_second_failure);
  if (halves) halve(std::move(waiting));
  return {};
}

// What the server said of this operation in an answer that makes sense; saved by the caller.
Status SyncQueue::settle_by_result(QueueStep& step, Sent& sent,
                                   const OperationResult* result) const {
  Operation& operation = sent.operation;
  operation.part.reset();
  if (result != nullptr && result->status != ResultStatus::retry) {
    sent.verdict = &result->verdict;
    return step.settle_by_verdict(operation, *result);
  }
  operation.cause = result == nullptr      ? "answer.id_missing"
                    : result->after_failed ? "retry.after_failed"
                                           : "retry.busy";
  if (result != nullptr) {
    operation.effect = sent.before.effect;
    operation.first_sent_at = sent.before.first_sent_at;
    const bool is_free = result->after_failed || result->retry_after_s;
    if (is_free) {
      operation.attempts = sent.before.attempts;
      const Duration asked = result->retry_after_s
                                 ? server_wait(*result->retry_after_s, step.rules.retry_after_max)
                                 : kGap;
      return wait_as_asked(step, operation, step.now + asked);
    }
  }
  LANDFALL_TRY(failed_attempt(step, operation));
  const bool was_in_company =
      is_spent(step.rules.retry, operation.attempts) && is_waiting(operation);
  if (was_in_company) operation.part = operation.seq;
  return {};
}

// What holds for the queue as a whole after such an answer.
Status SyncQueue::note_outcome(QueueStep& step, std::vector<Sent>& sent,
                               const http::Outcome& outcome, const std::string& code) {
  if (outcome.retry_after) {
    // Several calls may be in flight: the shorter wait of a later answer ends no longer one.
    LANDFALL_TRY_ASSIGN(const Instant known, quiet_until(step.tx));
    const Instant until = std::max(known, step.now + *outcome.retry_after);
    LANDFALL_TRY(store::CounterTable::set(step.tx, store::kOutboxHoldUntilMs, until.unix_ms));
  }
  if (outcome.fate == Fate::blocked && outcome.block == http::Block::auth) {
    auth_hold_until_ =
        step.now + delay_after(step.rules.retry, static_cast<int>(limits::kRetryDelaysMax));
  }
  // That the server takes this app again only an answer to what it refused can say (AppUpdate). A
  // pull is made again by itself, a push is not: so the pull is to be refused as well.
  if (outcome.fate == Fate::blocked && outcome.block == http::Block::upgrade)
    step.effects.pull = true;
  if (outcome.told_once && !sent.empty()) {
    LANDFALL_TRY_ASSIGN(const auto blocked,
                        OperationTable::blocked_for(step.tx, BlockReason::server));
    const bool is_told = std::any_of(blocked.begin(), blocked.end(), [](const Operation& each) {
      return each.cause != kKeptWaiting;
    });
    if (!is_told) LANDFALL_TRY(step.tell(sent.front().operation, "blocked", outcome.cause));
  }
  step.effects.ask_permissions = step.effects.ask_permissions || outcome.fetch_permissions;
  if (outcome.fate == Fate::rejected || outcome.fate == Fate::conflict) {
    for (Sent& each : sent) {
      each.operation.cause = code;
      LANDFALL_TRY(step.tell(each.operation, to_string(each.operation.state), code));
    }
    step.effects.pull = step.effects.pull || outcome.fetch_document;
  }
  return {};
}

Result<SyncEffects> SyncQueue::on_push_answer(store::Transaction& tx, const BatchId& batch,
                                              const http::Answer& answer, Instant now) {
  if (!in_flight_.contains(batch)) return SyncEffects{};
  if (answer.response) server_clock_.take(answer.response->body, answer.left_at, now);
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY(settle_call(step, batch, answer));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

Result<SyncEffects> SyncQueue::on_push_answer_and_plan(store::Transaction& tx, const BatchId& batch,
                                                       const http::Answer& answer, Instant now) {
  if (!in_flight_.contains(batch)) return SyncEffects{};
  if (answer.response) server_clock_.take(answer.response->body, answer.left_at, now);
  QueueStep step = step_at(tx, now);
  // That an attempt was made is known behind a power cut as well.
  const bool has_left = left_ahead_.has_value();
  LANDFALL_TRY_ASSIGN(const bool is_each_settled, settle_call(step, batch, answer));
  const std::size_t changes_of_answer = step.effects.changes.size();
  LANDFALL_TRY(is_each_settled ? plan_in(step) : look_again(step));
  const bool leaves = has_left || !step.effects.pushes.empty() ||
                      step.effects.receipts.has_value() || ready_.has_value();
  if (leaves || step.effects.changes.size() > changes_of_answer) tx.make_durable();
  return std::move(step.effects);
}

SyncQueue::Heard SyncQueue::hear(const BatchId& batch, const http::Answer& answer,
                                 Instant now) const {
  const Profile& profile = parts_.profile;
  const InFlight& call = in_flight_.at(batch);
  const Way& way = call.way;
  std::vector<OperationId> asked;
  for (const Before& before : call.operations) asked.push_back(before.id);
  const bool by_endpoint = way.delivery == profile::Delivery::endpoint;
  Heard heard;
  heard.outcome = http::outcome_of(
      answer, {by_endpoint ? http::Route::endpoint : http::Route::batch, asked.size() == 1,
               profile.sync.retry_after_max, now, profile.origin});
  if (by_endpoint && (heard.outcome.fate == Fate::rejected || heard.outcome.fate == Fate::conflict))
    heard.results = parse_endpoint_error(profile.errors, answer.response->body, asked.front());
  if (heard.results) heard.foreign = leave_out_foreign(*heard.results, profile, parts_.owner);
  if (heard.outcome.fate != Fate::by_result) return heard;
  const std::string& body = answer.response->body;
  auto parsed = by_endpoint
                    ? parse_endpoint_reply(*profile.endpoint(way.endpoint), body, asked.front())
                    : parse_push_results(body, asked);
  if (parsed) {
    heard.results = std::move(*parsed);
    heard.foreign = leave_out_foreign(*heard.results, profile, parts_.owner);
  } else {
    heard.outcome = http::makes_no_sense();
  }
  return heard;
}

bool SyncQueue::is_all_applied(const BatchId& batch, const http::Answer& answer, Instant now) {
  heard_ahead_.emplace(batch, hear(batch, answer, now));
  const auto& results = heard_ahead_->second.results;
  return results && results->size() == in_flight_.at(batch).operations.size() &&
         std::all_of(results->begin(), results->end(),
                     [](const auto& each) { return each.second.status == ResultStatus::applied; });
}

Result<bool> SyncQueue::settle_call(QueueStep& step, const BatchId& batch,
                                    const http::Answer& answer) {
  LANDFALL_TRY(note_left(step));
  auto ahead = std::exchange(heard_ahead_, std::nullopt);
  Heard heard =
      ahead && ahead->first == batch ? std::move(ahead->second) : hear(batch, answer, step.now);
  // Any other answer than the one it stood behind may be news for all that waits.
  const bool is_news = !heard.results || (ready_ && ready_->behind == batch);
  if (is_news) LANDFALL_TRY(take_back_ready(step));

  const std::string target = in_flight_.at(batch).target;
  LANDFALL_TRY_ASSIGN(std::vector<Sent> sent, take_in_flight(step, batch, answer.left_at));
  const auto is_foreign = [&](const Sent& each) {
    const auto result = heard.results->find(each.operation.id);
    return result != heard.results->end() &&
           !may_belong_to(result->second, parts_.profile, each.operation);
  };
  if (heard.results && std::any_of(sent.begin(), sent.end(), is_foreign))
    heard = {http::makes_no_sense(), std::nullopt, std::nullopt};
  const auto& [outcome, results, foreign] = heard;
  step.effects.foreign = foreign;
  parts_.pace.on_answer(target, !results);
  if (results) {
    for (Sent& each : sent) {
      const auto result = results->find(each.operation.id);
      LANDFALL_TRY(
          settle_by_result(step, each, result == results->end() ? nullptr : &result->second));
    }
    // Also for one that the user discarded while it was in flight: the server's state moved all the
    // same.
    for (const auto& [id, result] : *results) {
      const bool moved =
          result.status == ResultStatus::applied || result.status == ResultStatus::conflict;
      step.effects.pull = step.effects.pull || moved;
    }
    receipts_wanted_ = true;
  } else {
    const bool left_device = answer.failure != http::TransportFailure::not_sent &&
                             answer.failure != http::TransportFailure::no_session;
    LANDFALL_TRY(settle_whole(step, sent, outcome, left_device));
    LANDFALL_TRY(note_outcome(step, sent, outcome, code_of(parts_.profile, answer, outcome.cause)));
  }
  LANDFALL_TRY(save_settled(step, sent));
  std::vector<OperationId> in_conflict;
  for (const Sent& each : sent) {
    if (each.operation.state == OperationState::conflict) in_conflict.push_back(each.operation.id);
  }
  LANDFALL_TRY(inbox().meet(step, in_conflict, server_clock_.offset()));
  return results.has_value();
}

// Rows first, then what stands on them: an operation and the one it stands on are often settled by
// the same answer.
Status SyncQueue::save_settled(QueueStep& step, const std::vector<Sent>& sent) const {
  for (const Sent& each : sent) {
    LANDFALL_TRY(each.verdict == nullptr ? step.save(each.operation)
                                         : step.save(each.operation, *each.verdict));
  }
  const std::size_t changes_of_their_own = step.effects.changes.size();
  for (const Sent& each : sent) {
    std::optional<Operation> saved = each.operation;
    // One that was followed may be among those that come yet.
    if (step.effects.changes.size() > changes_of_their_own) {
      LANDFALL_TRY_ASSIGN(saved, OperationTable::find(step.tx, each.operation.id));
    }
    LANDFALL_TRY(step.follow(*saved));
    if (mutant::is(mutant::Mutant::requeue_at_tail) && is_waiting(*saved))
      LANDFALL_TRY(step.tx.run(kRequeue, saved->seq));
  }
  if (mutant::is(mutant::Mutant::clear_queue)) LANDFALL_TRY(step.tx.run(kClearQueue));
  return {};
}

}  // namespace landfall::sync
