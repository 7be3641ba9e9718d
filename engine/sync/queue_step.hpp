#pragma once

#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/operation.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::sync {

// The cause of an operation that waits for a right of its user.
inline constexpr std::string_view kPermissionRevoked = "permission.revoked";

// It goes, or has gone, its way to a verdict: what stands on it may wait for it.
[[nodiscard]] constexpr bool is_live(OperationState state) noexcept {
  return state <= OperationState::unknown || state == OperationState::applied;
}

// The state of an operation that waits to be sent: `unknown` when the server may have decided it.
[[nodiscard]] OperationState waiting_state(const Operation& operation) noexcept;

// One step of the sync queue: its transaction, its instant, and the effects it gathers. The moves
// below are all there are between the states; each saves the row, keeps the counters and notes the
// change. (Architecture section 5.)
//
// What depends on an operation follows it: what stands on it through `after`, and what names the
// entity that it makes (profile `refers_to`). It is `blocked(dependency)` exactly while one of
// those that it depends on is neither on its way nor applied. `follow` carries that on; every move
// out of or into a live state is followed by it.
class QueueStep final {
 public:
  // `kept_from_instant`: from when that is kept which the step settles; zero while no server told
  // the time (ForgettingClocks).
  QueueStep(store::Transaction& transaction, const Profile& rules_of_app, store::Sealer& outbox_key,
            Instant instant, Instant kept_from_instant)
      : tx(transaction),
        profile(rules_of_app),
        rules(profile.sync),
        key(outbox_key),
        now(instant),
        kept_from(kept_from_instant) {}

  store::Transaction& tx;
  const Profile& profile;
  const profile::SyncRules& rules;
  store::Sealer& key;
  const Instant now;
  const Instant kept_from;
  SyncEffects effects;

  [[nodiscard]] Status save(const Operation& operation);
  // With the verdict that settled it, compact JSON.
  [[nodiscard]] Status save(const Operation& operation, std::string_view verdict);
  // A durable notice, once for each operation, kind and code.
  [[nodiscard]] Status tell(const Operation& operation, std::string_view kind,
                            std::string_view code);

  // Back to waiting for its turn, by effect, from `due_at` on.
  void wait_for_turn(Operation& operation, Instant due_at, Wait wait) const;
  void block(Operation& operation, BlockReason reason, std::string_view cause) const;
  // A verdict or the user's word.
  void settle(Operation& operation, OperationState state, std::string_view cause) const;
  // A verdict ends the id, whichever way it came: in the answer to the push, or as a receipt. With
  // its notice, and its entity on the way to become a document; the row and the verdict are saved
  // by the caller.
  [[nodiscard]] Status settle_by_verdict(Operation& operation, const OperationResult& result);
  // Retries spent.
  void fail(Operation& operation) const;

  // Whether something that it depends on is neither on its way nor applied.
  [[nodiscard]] Result<bool> is_held(const Operation& operation) const;
  // What depends on `operation`, and on that in turn, as its present state asks for.
  [[nodiscard]] Status follow(const Operation& operation);
  // Whatever stands on it goes with it, since it was decided anew (`supersedes`).
  [[nodiscard]] Status supersede_with_dependents(Operation operation);

 private:
  struct Root {
    Operation operation;
    bool impossible = false;  // the server has decided, or will never decide, so that nothing above
                              // can have happened
  };

  void note_change(const Operation& operation);
  [[nodiscard]] Status take_id(Operation& operation, const std::string& server_id);
  [[nodiscard]] Status stand_on_version(Operation& dependent) const;
  [[nodiscard]] Result<bool> take_version(Operation& dependent, const Operation& below) const;
  [[nodiscard]] Result<bool> follow_one(Operation& dependent, const Root& root);
  [[nodiscard]] Result<bool> follow_create(Operation& dependent, const Operation& create);
  [[nodiscard]] Result<bool> hold_or_release(Operation& dependent, const Operation& below);
};

}  // namespace landfall::sync
