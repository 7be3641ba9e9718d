#pragma once

#include <cstdint>
#include <optional>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/delta_pull_messages.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/permissions_messages.hpp"
#include "actors/realtime_messages.hpp"
#include "actors/timer.hpp"
#include "engine/realtime/realtime_link.hpp"

namespace landfall::actors {

struct RealtimePeers {
  ApiActor api;
  AuthTokenActor auth_token;
  ConnectivityActor connectivity;
  GatewayActor gateway;
  DeltaPullActor delta_pull;
  PermissionsActor permissions;  // null: the profile knows no rights
};

// The socket of a partition's hub: RealtimeLink says when it opens and closes, and what it says
// goes to the permissions and to delta_pull. The socket goes with the actor, so that none is left
// when the session ends or the engine is suspended.
struct RealtimeState {
  ~RealtimeState();

  const char* name = "realtime";
  SharedCore core;
  RealtimePeers peers;
  std::optional<realtime::RealtimeLink> link;
  std::optional<Timer> timer;
  std::uint64_t socket = 0;          // the open one; zero: none
  SharedSecret<std::string> bearer;  // that the next socket is stamped with
};

// Its own name keeps the interface out of the names of its handlers.
struct RealtimeInstance final : RealtimeActor::stateful_base<RealtimeState> {
  using stateful_actor::stateful_actor;
};
using RealtimeSelf = RealtimeInstance*;

// `is_here`: the host looks. Requires a profile with `realtime` and an environment with sockets.
RealtimeActor::behavior_type realtime(RealtimeSelf self, SharedCore core, bool is_here,
                                      RealtimePeers peers);

}  // namespace landfall::actors
