#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/permissions_messages.hpp"
#include "actors/session_messages.hpp"
#include "actors/timer.hpp"
#include "actors/watched_rights.hpp"
#include "engine/permissions/revocation.hpp"

namespace landfall::actors {

struct PermissionsPeers {
  ApiActor api;
  AuthTokenActor auth_token;
  ConnectivityActor connectivity;
  GatewayActor gateway;
  SessionActor session;
};

// Runs Revocation's steps on the partition's file, tells who needs a right and the host, and has
// the session end when one was taken away.
struct PermissionsState {
  const char* name = "permissions";
  SharedCore core;
  PartitionStore store;
  PermissionsPeers peers;
  std::string user_id;
  std::optional<permissions::Revocation> machine;
  std::optional<Timer> timer;
  std::vector<PermissionsSubscriber> subscribers;
  std::optional<WatchedRights> watched;
  bool reachable = false;
  bool authenticated = false;
  bool logging_out = false;
  // The disk had no room for a step: what it was about is asked for again when there may be room.
  bool stalled = false;
};

// Its own name keeps the interface out of the names of its handlers.
struct PermissionsInstance final : PermissionsActor::stateful_base<PermissionsState> {
  using stateful_actor::stateful_actor;
};
using PermissionsSelf = PermissionsInstance*;

// `granted`: by the login that opens the partition. Requires a profile with `permissions`.
PermissionsActor::behavior_type permissions(
    PermissionsSelf self, SharedCore core, PartitionStore store, std::string user_id,
    std::shared_ptr<const landfall::permissions::Granted> granted, PermissionsPeers peers);

}  // namespace landfall::actors
