#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// The host's requests about its own phone, as routes of `api` (schema/api.json).

namespace landfall::actors {

void device_status(ApiSelf self, const Json& params, const Reply& reply);
void device_update(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
