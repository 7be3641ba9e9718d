#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// The host's requests about the user's rights, and the forms that put a revocation off, as routes
// of `api` (schema/api.json).

namespace landfall::actors {

void permissions_get(ApiSelf self, const Json& params, const Reply& reply);
void permissions_subscribe(ApiSelf self, const Json& params, const Reply& reply);
void permissions_unsubscribe(ApiSelf self, const Json& params, const Reply& reply);
void form_opened(ApiSelf self, const Json& params, const Reply& reply);
void form_closed(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
