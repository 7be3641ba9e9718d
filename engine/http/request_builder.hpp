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

// The profile's headers for one call, filled from `facts`. Errors: template.*.
[[nodiscard]] Result<Headers> profile_headers(const Profile& profile,
                                              const profile::Variables& facts);

// Turns a machine's call into the request that leaves: method and path of the profile's endpoint,
// the profile's headers (P-100) filled from `facts` (device_id, app_version, platform, os_version,
// zone, and organisation while one is active), the call's own headers, a fresh X-Request-Id, and
// the bearer when there is one. Pure. Errors: endpoint.unknown, template.*.
[[nodiscard]] Result<Request> build_request(const Profile& profile, const profile::Variables& facts,
                                            const ApiCall& call, const std::string& request_id,
                                            const SharedSecret<std::string>& bearer);

}  // namespace landfall::http
