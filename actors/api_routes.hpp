#pragma once

#include <string_view>

#include "actors/api.hpp"
#include "actors/api_messages.hpp"

namespace landfall::actors {

inline constexpr std::string_view kEnqueue = "operations.enqueue";

// Sends a request of the host to the actor that answers it and its answer to the poll queue. Every
// request is answered exactly once, also when that actor dies in between.
void route(ApiSelf self, const HostRequest& request);

}  // namespace landfall::actors
