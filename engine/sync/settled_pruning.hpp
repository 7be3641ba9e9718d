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

// The device's clock and the server's, once that one is known. A time that is kept is counted from
// the later and up to the earlier of the two: neither a clock that is ahead now, nor one that was
// behind then and was set right since, makes anything old (INV-T3).
struct ForgettingClocks {
  Instant earlier;
  Instant later;
};

// Whether a settled operation was kept for as long as the profile wants, so that its id may become
// unknown (INV-Q2): up to `now`, from `waiting_since` on, which both clocks had reached when it was
// settled or found to be. Never while that is zero. An id that has a verdict is known to an
// idempotent server as well: it is kept for `settled_days`, and no longer than a day once
// `settled_operations_max` newer ones were accepted. Every other one is kept for the longer of
// `settled_days` and `receipt_days`. Pure.
[[nodiscard]] bool was_kept_long_enough(const Operation& operation, const profile::SyncRules& rules,
                                        std::int64_t newest_seq, Instant now);

// Forgets what was settled long ago, a few rows a step, in rounds that begin at most once a day: a
// phone that runs for years keeps a month of history and not all of it.
//
// An operation stays while anything refers to it: unsettled work or an open conflict of its entity,
// what waits for the entity that it makes, a notice that nobody has seen, an upload on its way, or
// a document of its verdict that was not stored yet. It never asks for a timer: a round goes on
// whenever its owner is awake and has nothing better to do. Holds only how far the round has come;
// a new process begins a round.
//
// What was settled while no server had told the time is counted from the round that finds it so, by
// a mark in its row; so is what was marked under a clock that was ahead.
class SettledPruning final {
 public:
  explicit SettledPruning(const profile::SyncRules& rules) : rules_(rules) {}

  // False: the last round is over, and none begins yet.
  [[nodiscard]] bool is_due(const ForgettingClocks& clocks) const;

  // Looks at the next limits::kForgetLookedAtMax rows. True: `prune` has something to delete or to
  // mark among them. False: the round is behind them; at the end of the table it is over.
  [[nodiscard]] Result<bool> look(const store::Reader& reader, const ForgettingClocks& clocks);

  // Deletes and marks at most limits::kForgottenAtOnceMax operations. Ordered: what a crash takes
  // back is done in another round.
  [[nodiscard]] Status prune(store::Transaction& tx, const ForgettingClocks& clocks);

 private:
  struct Finding {
    std::vector<Operation> forgotten;
    std::vector<Operation> marked;  // counted from now on
    std::int64_t looked_up_to = 0;  // seq
    bool is_last = false;           // of the round
  };
  [[nodiscard]] Result<Finding> find(const store::Reader& reader,
                                     const ForgettingClocks& clocks) const;
  void go_on(const Finding& finding, const ForgettingClocks& clocks);

  const profile::SyncRules& rules_;
  std::int64_t looked_up_to_ = 0;
  std::optional<Instant> over_at_;  // the last round
};

}  // namespace landfall::sync
