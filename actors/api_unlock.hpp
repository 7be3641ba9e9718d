#pragma once

#include "actors/api.hpp"
#include "actors/open_reply.hpp"

// The host's requests about the lock of the app, as routes of `api` (schema/api.json).

namespace landfall::actors {

void activity_touch(ApiSelf self, const Json& params, const Reply& reply);
void operations_attest(ApiSelf self, const Json& params, const Reply& reply);
void unlock_biometric(ApiSelf self, const Json& params, const Reply& reply);
void unlock_biometric_enrol(ApiSelf self, const Json& params, const Reply& reply);
void unlock_change_pin(ApiSelf self, const Json& params, const Reply& reply);
void unlock_import_pin(ApiSelf self, const Json& params, const Reply& reply);
void unlock_lock(ApiSelf self, const Json& params, const Reply& reply);
void unlock_pin(ApiSelf self, const Json& params, const Reply& reply);
void unlock_remove(ApiSelf self, const Json& params, const Reply& reply);
void unlock_set_pin(ApiSelf self, const Json& params, const Reply& reply);
void unlock_status(ApiSelf self, const Json& params, const Reply& reply);

}  // namespace landfall::actors
