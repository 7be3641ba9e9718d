#pragma once

#include <string>

#include "engine/profile/entity.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::sync {

struct EnqueueRequest;

// Whether the next operation of a lane may take the place of its last one, as the profile's
// `coalesce` allows: the same action in the same form, which never left the device, is held by
// nothing but its turn, and which no proof or group binds.
[[nodiscard]] bool may_coalesce(const profile::Action& action, const EnqueueRequest& request,
                                const Operation& last);

// What both say together, compact JSON with sorted keys. `merge`: the fields of both, of equal
// names the newer one; `replace`: the newer payload. Both are JSON objects.
[[nodiscard]] std::string coalesced_payload(profile::Coalesce rule, const std::string& older,
                                            const std::string& newer);

}  // namespace landfall::sync
