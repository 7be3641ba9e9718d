#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/session.hpp"

// The part of the session actor that opens and closes the lock of the app.

namespace landfall::actors {

// --- from the session's other steps

// The keys of a user who was logged in before are there; before their partition opens. False when
// the step failed.
[[nodiscard]] bool open_lock(SessionSelf self, const auth::ActiveUser& user,
                             std::shared_ptr<store::Sealer> token_key);
// In the transaction that makes a login durable.
[[nodiscard]] Status note_login(SessionSelf self, store::Transaction& device,
                                const auth::ActiveUser& user,
                                std::shared_ptr<store::Sealer> token_key);
// Tells api and the board how the lock is, and arms the timer of inactivity anew.
void tell_lock(SessionSelf self);
void forget_lock(SessionSelf self);
// Says whose key signs now, to the queue and to who registers it with the server (C-25). Nothing
// where the profile has nothing signed.
void tell_attestor(SessionSelf self);
// What the host reads in place of `status`, which is that of the session behind the lock.
[[nodiscard]] auth::AuthStatus shown_status(SessionState& state);

// --- messages

[[nodiscard]] caf::result<Result<UnlockReply>> on_unlock(SessionSelf self,
                                                         const UnlockCommand& command);
void on_touch(SessionSelf self);
void on_idle_timer(SessionSelf self);
void on_slow_done(SessionSelf self, const SlowDone& done);
// The session is over for want of use, and about to be left.
[[nodiscard]] bool is_out_of_use(SessionSelf self);
// Locks or leaves what nobody has used for too long; asked whenever time may have passed.
void look_at_idle(SessionSelf self);

// --- of session.cpp, for this part

void tell_status(SessionSelf self);
// As session.logout; `because` is told with the status. Nothing while a login or logout is under
// way.
void leave_session(SessionSelf self, std::string because);
// A pair that came without a password: durable, in place of the one before.
void store_renewed(SessionSelf self, std::shared_ptr<const auth::TokenPair> pair,
                   std::function<void(const Status&)> then);

}  // namespace landfall::actors
