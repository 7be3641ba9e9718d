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
#include "actors/delta_pull_messages.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/notifications_messages.hpp"
#include "actors/pull_waiters.hpp"
#include "actors/routing_messages.hpp"
#include "actors/sync_queue_messages.hpp"
#include "actors/timer.hpp"

namespace landfall::actors {

struct DeltaPullPeers {
  ApiActor api;
  AuthTokenActor auth_token;
  ConnectivityActor connectivity;
  GatewayActor gateway;
  ViewWatch watch;
  RoutingActor routing = {};  // null: nobody asks whether everything was pulled once
};

// Runs DeltaPull's steps on the partition's file and tells who asked when their documents are
// fresh.
struct DeltaPullState {
  const char* name = "delta_pull";
  SharedCore core;
  PartitionStore store;
  DeltaPullPeers peers;
  caf::weak_actor_ptr sync_queue;  // told what answers say to it; known from its first message
  std::optional<sync::DeltaPull> machine;
  std::optional<Timer> timer;
  PullWaiters waiting;
  std::optional<sync::DataChanges> changes;  // told of by the server and not looked at yet
  std::optional<Instant> pull_wake_at;       // the machine's own part of the timer
  bool reachable = false;
  bool authenticated = false;
  // The disk had no room for a page: the machine was made anew and is told that it may pull only
  // when there may be room again, which is then.
  std::optional<Instant> stalled_until;
  std::optional<ProgressWatcher> watcher;
  sync::DocumentOwner owner;
  bool is_synced = false;      // everything was pulled once, as `routing` was told
  std::uint64_t machines = 0;  // made so far; an answer belongs to the one that asked
};

// Its own name keeps the interface out of the names of its handlers.
struct DeltaPullInstance final : DeltaPullActor::stateful_base<DeltaPullState> {
  using stateful_actor::stateful_actor;
};
using DeltaPullSelf = DeltaPullInstance*;

DeltaPullActor::behavior_type delta_pull(DeltaPullSelf self, SharedCore core, PartitionStore store,
                                         sync::DocumentOwner owner, DeltaPullPeers peers);

}  // namespace landfall::actors
