#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/conflict/conflict.hpp"
#include "engine/sync/lost_operations.hpp"

namespace landfall::sync {

class QueueStep;

// What becomes of an operation that the server found in conflict (P-29, INV-Q12). What the
// profile's rules can decide is decided in the step of the verdict; what they leave open waits for
// its user, whose word can be taken back until it was sent. Either way the decision is new
// operations that supersede the lost ones: what was sent never changes (C-21).
//
// It holds nothing: everything stands in the tables, and each call is part of its caller's step.
class ConflictInbox final {
 public:
  ConflictInbox(const Profile& profile, SecureRandom& secure_random)
      : profile_(profile), secure_random_(secure_random) {}

  // The operations of an answer that the server found in conflict, saved as such. `server_offset`:
  // how far the server's clock is ahead of the device's.
  [[nodiscard]] Status meet(QueueStep& step, const std::vector<OperationId>& operations,
                            Duration server_offset) const;

  // The server did not say with its verdict what the operation met, and says now that it has
  // `theirs`: a conflict that is still open is decided as if it had come with the verdict.
  [[nodiscard]] Status meet_unseen(QueueStep& step, const OperationId& operation,
                                   const Document& theirs, Duration server_offset) const;

  // Errors: conflict.not_found, conflict.not_open, conflict.field_open and conflict.unknown_field
  // (with the field), conflict.no_choice, conflict.unfit.
  [[nodiscard]] Status resolve(QueueStep& step, const conflict::ConflictChoice& choice) const;

  // Takes a decision back, the rules' or the user's, as long as nothing of it was sent and nothing
  // else stands on it. What is settled stays so: those that stood on the operation are made anew
  // with the next decision. Errors: conflict.not_found, conflict.not_decided, conflict.sent,
  // conflict.no_choice.
  [[nodiscard]] Status reopen(QueueStep& step, const OperationId& operation) const;

  // The user is about to supersede the operation by hand: if it is in conflict, the inbox asks no
  // more, and nobody what the server has. Saved by the caller.
  [[nodiscard]] Status close(QueueStep& step, Operation& operation, const OperationId& heir) const;

 private:
  [[nodiscard]] Status meet_one(QueueStep& step, const OperationId& id,
                                Duration server_offset) const;
  [[nodiscard]] Status wait_for_theirs(QueueStep& step, const Operation& operation) const;
  [[nodiscard]] Status decide_by_rules(QueueStep& step, const Operation& operation,
                                       const Lost& lost, conflict::Conflict& row) const;
  [[nodiscard]] Status decide(QueueStep& step, const conflict::ConflictChoice& choice,
                              const Lost& lost, conflict::Conflict& row) const;
  [[nodiscard]] conflict::Resolution resolve_by_rules(const Lost& lost,
                                                      std::int64_t generation) const;

  const Profile& profile_;
  SecureRandom& secure_random_;
};

}  // namespace landfall::sync
