#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::profile {

// What the rest of a lane does when its head ended otherwise than applied.
enum class OnHeadDead { block_dependents, skip, block };

// How the server keeps an operation from having a second effect, and so what an `unknown` may do.
enum class Idempotency {
  key,       // resend under the same id
  receipts,  // ask for its receipt first
  none       // ask the user
};

struct RetryRules {
  std::vector<Duration>
      delays;  // one entry a retry; after the last failure the operation is `failed`
};

// One stream of changes with a cursor of its own.
struct PullScope {
  std::string name;
  std::size_t page_limit = 0;  // documents a page
  Duration interval{0};        // between pulls while online; zero: only when something asks for it
};

struct SyncRules {
  RetryRules retry;
  std::size_t batch_operations_max = 0;
  std::size_t batch_bytes_max = 0;
  Duration call_timeout{0};
  OnHeadDead on_head_dead = OnHeadDead::block_dependents;
  Idempotency idempotency = Idempotency::key;
  Duration receipt_settle{0};  // `unseen` counts this long after the call timeout
  Duration receipts_kept{0};   // how long the server remembers an operation id
  Duration receipts_margin{
      0};  // an `unknown` older than receipts_kept less this is not resent by itself
  Duration settled_kept{0};  // history: how long an operation is kept after it was settled
  std::size_t settled_operations_max = 0;  // of those that have a verdict, under `key`
  Duration retry_after_max{0};             // a longer Retry-After is cut to this
  Duration blocked_after{0};               // free waits end as blocked(server) after this
  Duration drain_target{0};                // what waits when the way opens is to be sent by then
  Duration edge_spread{0};        // sends caused by the edge offline -> online are spread over this
  std::vector<PullScope> scopes;  // in the order in which they are pulled

  // The scope of that name; null when the profile has none.
  [[nodiscard]] const PullScope* scope(std::string_view scope_name) const;
};

}  // namespace landfall::profile
