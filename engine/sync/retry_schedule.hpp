#pragma once

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "engine/profile/sync_rules.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::sync {

// When an operation is sent again. Pure; the numbers are the profile's. (P-31, P-32, C-19, C-20;
// INV-Q7, INV-Q8.)

// How long to wait after the failure that made it `attempts` (1 and up): each step of the ladder in
// turn, then its last one again, for operations whose retries are spent but that were never alone.
[[nodiscard]] Duration delay_after(const profile::RetryRules& rules, int attempts);

// One attempt and a retry for each delay have failed.
[[nodiscard]] bool is_spent(const profile::RetryRules& rules, int attempts);

// A wait that the server named inside an answer, in seconds as it stands there; never shorter or
// longer than what is believed of a Retry-After.
[[nodiscard]] Duration server_wait(std::int64_t asked_s, Duration longest);

// When the sends that an edge offline -> online causes may begin: spread, so that a thousand phones
// that leave one tunnel do not call in the same instant.
[[nodiscard]] Instant edge_send_at(Random& jitter, Duration spread, Instant now);

// The due time of a waiting operation after the edge: earlier where the ladder made it wait,
// untouched where the server did, and never within limits::kResendGapMs of its last send.
[[nodiscard]] Instant rearmed_at(const Operation& operation, Instant edge_send_at);

// The due time as a restarted process believes it: clocks are set back, and then a stored instant
// is far away.
[[nodiscard]] Instant believed_due(const Operation& operation, const profile::SyncRules& rules,
                                   Instant now);

// It has waited for free, as the server asked, for so long that the user must know.
[[nodiscard]] bool has_waited_too_long(const Operation& operation, const profile::SyncRules& rules,
                                       Instant now);

// The server may have forgotten its id, so that sending it again could have a second effect.
[[nodiscard]] bool is_beyond_receipts(const Operation& operation, const profile::SyncRules& rules,
                                      Instant now);

}  // namespace landfall::sync
