#pragma once

#include <vector>

#include "engine/http/message.hpp"
#include "simulator/backend/route_table.hpp"
#include "simulator/world/observer.hpp"

namespace landfall::world {

// The operations that a request carries as it leaves, in order: those of a push or of a bulk call,
// or the one of an endpoint, whose id stands in Idempotency-Key. Empty for every other request.
[[nodiscard]] std::vector<SentOperation> sent_operations(const http::Request& request,
                                                         const backend::RouteMatch& match);

}  // namespace landfall::world
