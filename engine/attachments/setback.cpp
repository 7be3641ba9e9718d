#include "engine/attachments/setback.hpp"

#include <algorithm>

#include "engine/sync/retry_schedule.hpp"
#include "schema/limits.hpp"

namespace landfall::attachments {
namespace {

Block block_of(http::Block block) {
  switch (block) {
    case http::Block::auth:
      return Block::auth;
    case http::Block::permission:
      return Block::permission;
    case http::Block::upgrade:
      return Block::upgrade;
    case http::Block::server:
      break;
  }
  return Block::server;
}

void wait_until(Transfer& transfer, Wait wait, Instant at, std::string_view cause) {
  transfer.state = State::waiting;
  transfer.block = Block::none;
  transfer.wait = wait;
  transfer.due_at = at;
  transfer.cause = cause;
}

// The server asked for it, so that it costs nothing; but not for ever.
void wait_for_server(Transfer& transfer, Duration asked, std::string_view cause,
                     const StepContext& context) {
  if (transfer.waiting_since == kNever) transfer.waiting_since = context.now;
  if (context.now - transfer.waiting_since >= context.profile.sync.blocked_after)
    return block(transfer, Block::server, cause);
  wait_until(transfer, Wait::server, context.now + asked, cause);
}

}  // namespace

http::Outcome outcome_of(const http::Answer& answer, const StepContext& context) {
  http::OutcomeContext table;
  table.retry_after_max = context.profile.sync.retry_after_max;
  table.now = context.now;
  table.origin = context.profile.origin;
  return http::outcome_of(answer, table);
}

void note_progress(Transfer& transfer) {
  transfer.state = State::waiting;
  transfer.block = Block::none;
  transfer.attempts = 0;
  transfer.due_at = kNever;
  transfer.wait = Wait::none;
  transfer.waiting_since = kNever;
  transfer.cause.clear();
}

void note_failure(Transfer& transfer, std::string_view cause, const StepContext& context) {
  const auto& rules = context.profile.sync.retry;
  ++transfer.attempts;
  wait_until(transfer, Wait::ladder, context.now + sync::delay_after(rules, transfer.attempts),
             cause);
  if (!sync::is_spent(rules, transfer.attempts)) return;
  transfer.state = State::failed;
  transfer.due_at = kNever;
  transfer.wait = Wait::none;
}

void note_outcome(Transfer& transfer, const http::Outcome& outcome, const StepContext& context) {
  if (outcome.block) return block(transfer, block_of(*outcome.block), outcome.cause);
  if (outcome.fate == http::Fate::rejected) return reject(transfer, outcome.cause);
  if (outcome.retry_after)
    return wait_for_server(transfer, *outcome.retry_after, outcome.cause, context);
  if (outcome.costs_attempt || outcome.fate != http::Fate::queued)
    return note_failure(transfer, outcome.cause, context);
  // Nothing left the device: the edge brings it back sooner.
  wait_until(transfer, Wait::ladder, context.now + Duration{limits::kResendGapMs}, outcome.cause);
}

void fall_back(Transfer& transfer, std::string_view cause, const StepContext& context) {
  ++transfer.restarts;
  transfer.attempts = std::max(transfer.attempts, transfer.restarts - 1);
  note_failure(transfer, cause, context);
}

void begin_again(Transfer& transfer, Step step, std::string_view cause,
                 const StepContext& context) {
  transfer.step = step;
  transfer.confirmed = 0;
  fall_back(transfer, cause, context);
}

void block(Transfer& transfer, Block reason, std::string_view cause) {
  transfer.state = State::blocked;
  transfer.block = reason;
  transfer.due_at = kNever;
  transfer.wait = Wait::none;
  transfer.cause = cause;
}

bool lift(Transfer& transfer, Block reason) {
  if (transfer.state != State::blocked || transfer.block != reason) return false;
  transfer.state = State::waiting;
  transfer.block = Block::none;
  transfer.cause.clear();
  return true;
}

void reject(Transfer& transfer, std::string_view cause) {
  transfer.state = State::rejected;
  transfer.block = Block::none;
  transfer.due_at = kNever;
  transfer.wait = Wait::none;
  transfer.cause = cause;
}

void settle(Transfer& transfer, State state, Instant now) {
  transfer.state = state;
  transfer.block = Block::none;
  transfer.due_at = kNever;
  transfer.wait = Wait::none;
  transfer.settled_at = now;
  transfer.used_at = now;
}

void believe_due(Transfer& transfer, const StepContext& context) {
  const auto& sync = context.profile.sync;
  Duration longest{0};
  if (transfer.wait == Wait::ladder)
    longest = sync::delay_after(sync.retry, std::max(1, transfer.attempts));
  if (transfer.wait == Wait::server) longest = sync.retry_after_max;
  transfer.due_at = std::min(transfer.due_at, context.now + longest);
}

}  // namespace landfall::attachments
