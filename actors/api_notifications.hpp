#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// What the host hands in of pushes, and its requests about notifications, as routes of `api`
// (schema/api.json).

namespace landfall::actors {

void push_received(ApiSelf self, const Json& params, const Reply& reply);
void notifications_settings(ApiSelf self, const Json& params, const Reply& reply);
void notifications_channels(ApiSelf self, const Json& params, const Reply& reply);
void zone_changed(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
