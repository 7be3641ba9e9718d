#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// The host's requests about documents, lists, the cache and the pull, as routes of `api`
// (schema/api.json).

namespace landfall::actors {

void documents_query(ApiSelf self, const Json& params, const Reply& reply);
void documents_get(ApiSelf self, const Json& params, const Reply& reply);
void reads_get(ApiSelf self, const Json& params, const Reply& reply);
void data_changed(ApiSelf self, const Json& params, const Reply& reply);
void documents_subscribe(ApiSelf self, const Json& params, const Reply& reply);
void documents_unsubscribe(ApiSelf self, const Json& params, const Reply& reply);
void documents_refresh(ApiSelf self, const Json& params, const Reply& reply);
void cache_status(ApiSelf self, const Json& params, const Reply& reply);
void cache_clear(ApiSelf self, const Json& params, const Reply& reply);
void sync_now(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
