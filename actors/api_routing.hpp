#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// The host's requests about screens and their user, as routes of `api` (schema/api.json).

namespace landfall::actors {

void onboarding_done(ApiSelf self, const Json& params, const Reply& reply);
void routing_set_role(ApiSelf self, const Json& params, const Reply& reply);
void routing_start(ApiSelf self, const Json& params, const Reply& reply);
void user_get(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
