#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/devices_messages.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/timer.hpp"
#include "engine/auth/device_registration.hpp"

namespace landfall::actors {

struct DevicesPeers {
  ApiActor api;
  AuthTokenActor auth_token;
  ConnectivityActor connectivity;
  GatewayActor gateway;
};

// Runs DeviceRegistration's steps for whoever is logged in, and keeps what the host said of its
// phone until somebody is.
struct DevicesState {
  const char* name = "devices";
  SharedCore core;
  std::shared_ptr<store::Database> device;
  DevicesPeers peers;
  std::optional<UserPresent> user;
  std::optional<auth::DeviceRegistration> machine;  // none without a user, or without room
  std::optional<Timer> timer;
  auth::DeviceFacts told;
  // Raised when the machine is another: answers to the one before it are dropped.
  std::uint64_t epoch = 0;
  bool reachable = false;
  bool authenticated = false;
};

// Its own name keeps the interface out of the names of its handlers.
struct DevicesInstance final : DevicesActor::stateful_base<DevicesState> {
  using stateful_actor::stateful_actor;
};
using DevicesSelf = DevicesInstance*;

DevicesActor::behavior_type devices(DevicesSelf self, SharedCore core,
                                    std::shared_ptr<store::Database> device, DevicesPeers peers);

}  // namespace landfall::actors
