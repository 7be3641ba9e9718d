#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/api_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/core.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/scope.hpp"
#include "actors/supervisor_messages.hpp"

namespace landfall::actors {

// Opens device.db; used at open and when the device scope is spawned anew.
[[nodiscard]] Result<std::shared_ptr<store::Database>> open_device(const Environment& environment,
                                                                   const std::string& directory);

// Spawns the scopes in order and stops them in order. When an actor of a scope dies, the scope is
// stopped, its store reopened and the scope spawned anew; more than kScopeRestartsMax times within
// kScopeRestartWindowMs the engine is `failed` (architecture section 4). Switching the user closes
// one partition and opens the other on the same path.
struct SupervisorState {
  struct OpenedPartition {
    OpenPartition opened;
    PartitionStore store;
  };

  const char* name = "supervisor";
  SharedCore core;
  ApiActor api;
  std::shared_ptr<store::Database> device;
  ConnectivityActor connectivity;
  AuthTokenActor auth_token;
  GatewayActor gateway;
  SessionActor session;
  Scope device_scope;
  std::optional<OpenedPartition> partition;
  Scope partition_scope;
  std::deque<Instant> restarts;
  bool closing = false;
  bool failed = false;
};

SupervisorActor::behavior_type supervisor(SupervisorActor::stateful_pointer<SupervisorState> self,
                                          SharedCore core, ApiActor api,
                                          std::shared_ptr<store::Database> device);

}  // namespace landfall::actors
