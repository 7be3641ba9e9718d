#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// The host's requests about operations, notices and conflicts, as routes of `api`
// (schema/api.json).

namespace landfall::actors {

void operations_enqueue(ApiSelf self, const Json& params, const Reply& reply);
void operations_list(ApiSelf self, const Json& params, const Reply& reply);
void operations_counts(ApiSelf self, const Json& params, const Reply& reply);
void operations_explain(ApiSelf self, const Json& params, const Reply& reply);
void operations_retry(ApiSelf self, const Json& params, const Reply& reply);
void operations_cancel(ApiSelf self, const Json& params, const Reply& reply);
void operations_discard(ApiSelf self, const Json& params, const Reply& reply);
void notices_list(ApiSelf self, const Json& params, const Reply& reply);
void notices_seen(ApiSelf self, const Json& params, const Reply& reply);
void conflicts_list(ApiSelf self, const Json& params, const Reply& reply);
void conflicts_resolve(ApiSelf self, const Json& params, const Reply& reply);
void conflicts_reopen(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
