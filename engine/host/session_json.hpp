#pragma once

#include "engine/auth/session_view.hpp"
#include "engine/base/json.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::host {

// Puts what the app shows of a session into `json`, which has its status already: the event
// session.status and every answer that tells the session.
void put_session_view(Json& json, const Profile& profile, const auth::SessionView& view);

}  // namespace landfall::host
