#pragma once

#include <cstdint>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/auth_token_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/transport_messages.hpp"

namespace landfall::actors {

// One API call at a time from its caller's view: headers, bearer, one replay behind a 401. What an
// answer means for operations is the caller's; here it only counts as traffic for connectivity.
struct GatewayState {
  const char* name = "gateway";
  SharedCore core;
  TransportActor transport;
  AuthTokenActor auth_token;
  ConnectivityActor connectivity;
  std::uint64_t epoch = 0;  // raised when a session ends; older calls answer no_session
  std::shared_ptr<void> visits = std::make_shared<bool>();  // held by each call of a visit too
  std::int64_t accepted_generation = 0;  // the newest one that the server was seen to accept
};

// Its own name keeps the interface out of the names of its handlers.
struct GatewayInstance final : GatewayActor::stateful_base<GatewayState> {
  using stateful_actor::stateful_actor;
};
using GatewaySelf = GatewayInstance*;

GatewayActor::behavior_type gateway(GatewaySelf self, SharedCore core, TransportActor transport,
                                    AuthTokenActor auth_token, ConnectivityActor connectivity);

}  // namespace landfall::actors
