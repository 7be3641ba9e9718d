#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/sync/document.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::sync {

// One call to the pull endpoint; at most one is in flight. `number` pairs it with its answer.
struct PullCall {
  std::uint64_t number = 0;
  http::ApiCall call;
};

struct PullEffects {
  std::optional<PullCall> pull;
  std::optional<Instant> wake_at;              // replaces the machine's one timer
  std::vector<EntityKey> changed;              // documents that are new, newer or gone
  std::vector<OperationId> adopted;            // for the sync queue, once durable
  std::vector<std::string> scopes_completed;   // a pull of these scopes reached its end
  std::vector<EntityKey> refreshed;            // answers to on_refresh: these are as fresh as the server now
  std::optional<Error> failed_refresh;         // a refresh asked for could not be had; the cached documents stand
};

// Brings the server's changes here: a page and its cursor in one transaction, pages repeat safely, an older
// row_version never overwrites a newer. After 410 a scope starts again without a cursor and what the full pull no
// longer names is removed; operations and other scopes are untouched. Three equal cursors with has_more end the pull.
// (P-28 step 3, P-33, P-95, INV-Q11; wire.md "Pull and read".)
//
// Call order: on_open once, then events; each returns what to send next. A page that makes no sense changes nothing.
class DeltaPull final {
 public:
  struct Parts {
    const Profile& profile;
    const store::Sealer& documents_key;
    std::string device_id;
  };

  explicit DeltaPull(Parts parts);

  [[nodiscard]] Result<PullEffects> on_open(store::Transaction& tx, Instant now);

  // Reachability or the session changed. Coming online or logging in makes every scope due. No transaction: it only
  // decides what to ask, from what on_open and the pages left in memory.
  [[nodiscard]] PullEffects on_ready(bool reachable, bool authenticated, Instant now);

  // Somebody wants the scopes fresh: the user pulled down, a push was settled, a DataChanged came. Bounded: asked again
  // while a pull is in flight, one more follows it.
  [[nodiscard]] PullEffects on_requested(Instant now);

  // Tier 2 on demand: these documents as the server has them now. Refused with pull.busy beyond the limit.
  [[nodiscard]] Result<PullEffects> on_refresh(const store::Transaction& tx, std::vector<EntityKey> entities,
                                               Instant now);

  // The one timer.
  [[nodiscard]] PullEffects on_wake(Instant now);

  // Durability: ordered; losing a page means pulling it again.
  [[nodiscard]] Result<PullEffects> on_answer(store::Transaction& tx, std::uint64_t number,
                                              const http::Answer& answer, Instant now);

  // Entities that came with verdicts become documents by the same rule as pages. Ordered.
  [[nodiscard]] Result<PullEffects> on_entities(store::Transaction& tx, const std::vector<EntityOfVerdict>& entities,
                                                Instant now);

 private:
  // Members are the implementation's own; keep them few and named.
};

}  // namespace landfall::sync
