#pragma once

#include <optional>

#include "engine/http/message.hpp"
#include "simulator/backend/backend.hpp"
#include "simulator/net/hub_server.hpp"

namespace landfall::net {

// `POST /_sim/hub`: what an administrator, a deployment or a bad network does to the hub, for tests
// that look from outside. The body is one of {"do":"revoke","role","right"}, {"do":"grant",…},
// {"do":"close","user","allow_reconnect"} and {"do":"cut"}. Nothing when the request is another.
[[nodiscard]] std::optional<http::Response> answer_hub_command(const http::Request& request,
                                                               backend::Backend& backend,
                                                               HubServer& hub, Instant now);

}  // namespace landfall::net
