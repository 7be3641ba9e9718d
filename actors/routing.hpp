#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/answer.hpp"
#include "actors/api_messages.hpp"
#include "actors/core.hpp"
#include "actors/routing_messages.hpp"
#include "actors/session_messages.hpp"
#include "actors/timer.hpp"
#include "engine/routing/route.hpp"

namespace landfall::actors {

struct RoutingPeers {
  ApiActor api;
  SessionActor session;
};

// Gathers what leads to screens and tells the host where to go. Requires a profile
// with `routing`.
struct RoutingState {
  const char* name = "routing";
  SharedCore core;
  std::shared_ptr<store::Database> device;
  RoutingPeers peers;
  std::optional<Timer> timer;
  std::string user_id;  // of the facts
  routing::Facts facts;
  routing::Decision decision;  // as last made
  std::optional<Instant> waiting_since;
  bool is_waiting = true;
  SharedJson told;  // null: nothing yet
  std::vector<Answer<SharedJson>> waiting;
  bool is_leaving = false;  // the session was asked to end
};

// Its own name keeps the interface out of the names of its handlers.
struct RoutingInstance final : RoutingActor::stateful_base<RoutingState> {
  using stateful_actor::stateful_actor;
};
using RoutingSelf = RoutingInstance*;

RoutingActor::behavior_type routing_actor(RoutingSelf self, SharedCore core,
                                          std::shared_ptr<store::Database> device,
                                          RoutingPeers peers);

}  // namespace landfall::actors
