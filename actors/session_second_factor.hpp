#pragma once

#include "actors/session_unlock.hpp"

// The part of the session actor that leads a login through its second factor.

namespace landfall::actors {

// --- from the session's other steps

// A challenge that this process had before its actors were started anew; before the first status.
void recall_challenge(SessionSelf self);
// With every status: what is waited for outlives a suspension, and its end is not missed.
void follow_challenge(SessionSelf self);
// Another login begins: what the last one ended with is no news any more.
void begin_anew(SessionSelf self);
// A logout while nobody is logged in.
void abandon_second_factor(SessionSelf self);

// --- messages

[[nodiscard]] caf::result<Result<SessionSnapshot>> on_second_factor(SessionSelf self,
                                                                    const SecondFactorCode& code);
[[nodiscard]] caf::result<Result<SessionSnapshot>> on_send_code(SessionSelf self);
[[nodiscard]] caf::result<Result<SharedJson>> on_manage_factor(SessionSelf self,
                                                               const ManageSecondFactor& wish);
void on_factor_timer(SessionSelf self);

}  // namespace landfall::actors
