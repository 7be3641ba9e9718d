#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// The host's requests about files, up and down, as routes of `api` (schema/api.json).

namespace landfall::actors {

void attachments_add(ApiSelf self, const Json& params, const Reply& reply);
void downloads_start(ApiSelf self, const Json& params, const Reply& reply);
void attachments_open(ApiSelf self, const Json& params, const Reply& reply);
void attachments_list(ApiSelf self, const Json& params, const Reply& reply);
void attachments_retry(ApiSelf self, const Json& params, const Reply& reply);
void attachments_cancel(ApiSelf self, const Json& params, const Reply& reply);
void attachments_discard(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
