#include "engine/sync/retry_schedule.hpp"

#include <algorithm>
#include <cstddef>

#include "engine/base/assert.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

constexpr Instant kNever{};

}  // namespace

Duration delay_after(const profile::RetryRules& rules, int attempts) {
  LANDFALL_ASSERT(attempts >= 1);
  if (rules.delays.empty()) return Duration{limits::kResendGapMs};
  const std::size_t step = std::min(static_cast<std::size_t>(attempts), rules.delays.size());
  return rules.delays[step - 1];
}

bool is_spent(const profile::RetryRules& rules, int attempts) {
  return attempts > static_cast<int>(rules.delays.size());
}

Duration server_wait(std::int64_t asked_s, Duration longest) {
  const std::int64_t longest_s = longest.count() / 1000;
  const Duration asked{std::clamp<std::int64_t>(asked_s, 0, longest_s) * 1000};
  return std::max(asked, std::min(Duration{limits::kRetryAfterMsMin}, longest));
}

Instant edge_send_at(Random& jitter, Duration spread, Instant now) {
  if (spread.count() <= 0) return now;
  return now + Duration{jitter.between(0, spread.count())};
}

Instant rearmed_at(const Operation& operation, Instant edge_send_at) {
  if (operation.wait != Wait::ladder) return operation.due_at;
  Instant earliest = edge_send_at;
  if (operation.last_sent_at != kNever) {
    earliest = std::max(earliest, operation.last_sent_at + Duration{limits::kResendGapMs});
  }
  return std::min(operation.due_at, earliest);
}

Instant believed_due(const Operation& operation, const profile::SyncRules& rules, Instant now) {
  switch (operation.wait) {
    case Wait::none:
      break;
    case Wait::ladder:
      return std::min(operation.due_at,
                      now + delay_after(rules.retry, std::max(1, operation.attempts)));
    case Wait::server:
      return std::min(operation.due_at, now + rules.retry_after_max);
  }
  return std::min(operation.due_at, now);
}

bool has_waited_too_long(const Operation& operation, const profile::SyncRules& rules, Instant now) {
  return operation.waiting_since != kNever && now - operation.waiting_since >= rules.blocked_after;
}

bool is_beyond_receipts(const Operation& operation, const profile::SyncRules& rules, Instant now) {
  return operation.effect == OperationEffect::possible && operation.first_sent_at != kNever &&
         now - operation.first_sent_at > rules.receipts_kept - rules.receipts_margin;
}

}  // namespace landfall::sync
