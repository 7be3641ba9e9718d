#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "actors/session_unlock.hpp"
#include "engine/store/transaction.hpp"

// How the session actor sets a PIN, and looks at a guess: the host's hardware, the slow worker and
// the machine's steps, one after the other.

namespace landfall::actors {

using SharedUnlockAnswer = std::shared_ptr<Answer<UnlockReply>>;

// One of pin, set_pin, change_pin and import_pin. Beside the errors of unlock::Unlock: unlock.busy
// while another proof is looked at, hardware.locked (transient), hardware.lost, hardware.invalid,
// pin.no_memory.
void prove_pin(SessionSelf self, const UnlockCommand& command, const SharedUnlockAnswer& answer);

// --- what the proofs share (session_unlock.cpp)

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
            std::string code = {});
// `job` away from the actors' threads, then `then` here.
void run_slowly(SessionSelf self, std::function<void()> job, std::function<void()> then);

}  // namespace landfall::actors
