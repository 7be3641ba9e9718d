#pragma once

#include <optional>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/timer.hpp"
#include "actors/transport_messages.hpp"
#include "engine/connectivity/reachability.hpp"

namespace landfall::actors {

// Carries Reachability's effects out: probes, the timer, and the news to whoever subscribed.
struct ConnectivityState {
  const char* name = "connectivity";
  SharedCore core;
  TransportActor transport;
  ApiActor api;
  std::optional<connectivity::Reachability> machine;
  std::optional<Timer> timer;
  std::vector<ConnectivitySubscriber> subscribers;
};

// Its own name keeps the interface out of the names of its handlers.
struct ConnectivityInstance final : ConnectivityActor::stateful_base<ConnectivityState> {
  using stateful_actor::stateful_actor;
};
using ConnectivitySelf = ConnectivityInstance*;

ConnectivityActor::behavior_type connectivity(ConnectivitySelf self, SharedCore core,
                                              TransportActor transport, ApiActor api);

}  // namespace landfall::actors
