#pragma once

#include <functional>

#include "actors/api.hpp"
#include "actors/api_unlock.hpp"
#include "actors/open_reply.hpp"
#include "actors/session_messages.hpp"

// The host's requests about users, accounts and organisations, as routes of `api`.

namespace landfall::actors {

// How every answer tells the session; `self` outlives it.
[[nodiscard]] std::function<Json(const Result<SessionSnapshot>&)> session_json(ApiSelf self);

void session_register(ApiSelf self, const Json& params, const Reply& reply);
void session_select_organisation(ApiSelf self, const Json& params, const Reply& reply);
void session_switch_organisation(ApiSelf self, const Json& params, const Reply& reply);
void app_foreground(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
