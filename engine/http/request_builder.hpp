#pragma once

#include <string>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/profile/endpoint.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/template.hpp"

namespace landfall::http {

// Turns a machine's call into the request that leaves: method and path of the profile's endpoint,
// the profile's headers (P-100) filled from `facts` (device_id, app_version, platform, os_version,
// zone, and organisation where it is made for one), the call's own headers, a fresh X-Request-Id,
// and the bearer when there is one. Pure. Errors: endpoint.unknown, template.*.
[[nodiscard]] Result<Request> build_request(const Profile& profile, const profile::Variables& facts,
                                            const ApiCall& call, const std::string& request_id,
                                            const SharedSecret<std::string>& bearer);

// The request that opens the hub's socket at `target`, with the profile's headers as well, and the
// bearer where the profile's `realtime` has it: in a header, or in the query, where a server that
// was made for browsers looks for it. Pure. Errors: template.*.
[[nodiscard]] Result<Request> build_upgrade(const Profile& profile, const profile::Variables& facts,
                                            std::string target,
                                            const SharedSecret<std::string>& bearer);

}  // namespace landfall::http
