#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/profile/sync_rules.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {
class Reader;
class Transaction;
}  // namespace landfall::store

namespace landfall::sync {

// Whether a settled operation was kept for as long as the profile wants, so that its id may become
// unknown (INV-Q2). An id that has a verdict is known to an idempotent server as well: it is kept
// for `settled_days`, and no longer than a day once `settled_operations_max` newer ones were
// accepted. Every other one is kept for the longer of `settled_days` and `receipt_days`. Pure.
[[nodiscard]] bool was_kept_long_enough(const Operation& operation, const profile::SyncRules& rules,
                                        std::int64_t newest_seq, Instant now);

// Forgets what was settled long ago, a few rows a step, in rounds that begin at most once a day: a
// phone that runs for years keeps a month of history and not all of it.
//
// An operation stays while anything refers to it: unsettled work or an open conflict of its entity,
// what waits for the entity that it makes, a notice that nobody has seen, an upload on its way, or
// a document of its verdict that was not stored yet. It never asks for a timer: a round goes on
// whenever its owner is awake and has nothing better to do. `now` of all calls is an instant that
// both clocks have reached, the device's and the server's, so that a clock that was set forward
// forgets nothing (INV-T3). Holds only how far the round has come; a new process begins a round.
class SettledPruning final {
 public:
  explicit SettledPruning(const profile::SyncRules& rules) : rules_(rules) {}

  // False: the last round is over, and none begins yet.
  [[nodiscard]] bool is_due(Instant now) const;

  // Looks at the next limits::kForgetLookedAtMax rows. True: `prune` has something to delete among
  // them. False: the round is behind them; at the end of the table it is over.
  [[nodiscard]] Result<bool> look(const store::Reader& reader, Instant now);

  // Deletes at most limits::kForgottenAtOnceMax operations. Ordered: what a crash takes back is
  // forgotten in another round.
  [[nodiscard]] Status prune(store::Transaction& tx, Instant now);

 private:
  struct Finding {
    std::vector<Operation> forgotten;
    std::int64_t looked_up_to = 0;  // seq
    bool is_last = false;           // of the round
  };
  [[nodiscard]] Result<Finding> find(const store::Reader& reader, Instant now) const;
  void go_on(const Finding& finding, Instant now);

  const profile::SyncRules& rules_;
  std::int64_t looked_up_to_ = 0;
  std::optional<Instant> over_at_;  // the last round
};

}  // namespace landfall::sync
