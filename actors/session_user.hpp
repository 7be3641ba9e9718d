#pragma once

#include <memory>
#include <string>

#include "actors/session_unlock.hpp"
#include "engine/auth/user_record.hpp"

// What the session keeps of its user beside who they are.
namespace landfall::actors {

// With the row of the session. The role that this user chose in this organisation before stays
// chosen.
[[nodiscard]] Status note_user(SessionSelf self, store::Transaction& device,
                               const auth::ActiveUser& user, store::Sealer& token_key,
                               auth::UserRecord record);
// At a start, once the keys are here. What cannot be read is empty: nobody is logged out for it
//
void recall_user(SessionSelf self, const auth::ActiveUser& user, const store::Sealer& token_key);
// What a refresh said of the roles.
void take_roles(SessionSelf self, const permissions::Granted& granted);
// What the server says of the user now, where its answer says it at all (I-40).
void take_answer(SessionSelf self, const http::Answer& answer);

[[nodiscard]] Status store_active_role(SessionSelf self, const std::string& role);
[[nodiscard]] Result<SharedJson> read_user(const SessionState& state);

// Tells who watches what they do not know yet.
void tell_routing(SessionSelf self);

}  // namespace landfall::actors
