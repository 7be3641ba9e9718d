#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/session_unlock.hpp"
#include "engine/store/transaction.hpp"

// What the ways to open the lock share (session_unlock.cpp).

namespace landfall::actors {

using SharedUnlockAnswer = std::shared_ptr<Answer<UnlockReply>>;

[[nodiscard]] unlock::Reading read_time(const SessionState& state);
// One durable step of the lock. What the machine refuses is returned; a database that fails ends
// the actor.
[[nodiscard]] Status store_lock(SessionSelf self, std::string_view label,
                                const std::function<Status(store::Transaction&)>& step);
// The same for a step that opens the lock: on a full disk it is open all the same, or nobody could
// make room, and the count that was stored stands.
[[nodiscard]] Status open_lock_with(SessionSelf self, std::string_view label,
                                    const std::function<Status(store::Transaction&)>& step);
// Tells everybody how the lock is now, and answers: with the error, or with the status and `code`.
void finish(SessionSelf self, const SharedUnlockAnswer& answer, const Status& done,
            std::string code = {}, std::shared_ptr<const Json> attestation = nullptr);
// Behind a good proof: what was wished for, as operations.enqueue takes it (C-25). The key is made
// here where a PIN of an older version of the app came without one. Errors: storage.full,
// pin.not_configured (what guards the key was taken away meanwhile).
[[nodiscard]] Result<std::shared_ptr<const Json>> attest_decisions(SessionSelf self,
                                                                   const AttestWish& wish,
                                                                   attest::Method method);
// A key for what is signed, where the profile wants one and none is there; in the transaction that
// sets what guards it.
[[nodiscard]] Status make_attestation_key(SessionSelf self, store::Transaction& device);
// `job` away from the actors' threads, then `then` here.
void run_slowly(SessionSelf self, std::function<void()> job, std::function<void()> then);

// One look at a PIN or a finger, from the user's word to the answer, held by whatever is asked in
// between. There is one at a time. While it lasts somebody else may log in, or the user leave: what
// began under one session never ends under another.
struct Proof {
  Proof(SessionSelf owner, SharedUnlockAnswer reply)
      : self(owner), answer(std::move(reply)), turn(owner->state.turn) {
    self->state.is_proving = true;
  }
  Proof(const Proof&) = delete;
  Proof& operator=(const Proof&) = delete;

  void end(const Status& done, std::string code = {}) {
    self->state.is_proving = false;
    const bool was_shown = std::exchange(self->state.is_biometric_busy, false);
    if (was_shown && !done) tell_status(self);
    if (!wish || !done || !code.empty()) return finish(self, answer, done, std::move(code));
    auto made = attest_decisions(self, *wish, method);
    if (made) return finish(self, answer, {}, {}, std::move(*made));
    tell_lock(self);
    tell_status(self);
    finish(self, answer, failure(made.error()));
  }
  // True when the session is another one by now; then it has ended.
  [[nodiscard]] bool is_over() {
    if (self->state.turn == turn) return false;
    end(failure(ErrorClass::busy, "session.busy", "the session changed meanwhile"));
    return true;
  }
  [[nodiscard]] SessionState& state() const { return self->state; }
  [[nodiscard]] const Profile& profile() const { return self->state.core->profile(); }

  SessionSelf self;
  SharedUnlockAnswer answer;
  std::uint64_t turn;
  std::shared_ptr<const AttestWish> wish;  // null: the proof is for the lock alone
  attest::Method method = attest::Method::pin;
};
using SharedProof = std::shared_ptr<Proof>;

}  // namespace landfall::actors
