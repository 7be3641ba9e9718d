#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// The host's requests about second factors, as routes of `api` (schema/api.json).

namespace landfall::actors {

void second_factor_backup_codes(ApiSelf self, const Json& params, const Reply& reply);
void second_factor_disable(ApiSelf self, const Json& params, const Reply& reply);
void second_factor_setup(ApiSelf self, const Json& params, const Reply& reply);
void second_factor_verify(ApiSelf self, const Json& params, const Reply& reply);
void session_second_factor(ApiSelf self, const Json& params, const Reply& reply);
void session_second_factor_send(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
