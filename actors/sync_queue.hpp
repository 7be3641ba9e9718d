#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/attachments_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/delta_pull_messages.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/notifications_messages.hpp"
#include "actors/permissions_messages.hpp"
#include "actors/sync_queue_messages.hpp"
#include "actors/timer.hpp"

namespace landfall::actors {

struct SyncQueuePeers {
  ApiActor api;
  AuthTokenActor auth_token;
  ConnectivityActor connectivity;
  GatewayActor gateway;
  DeltaPullActor delta_pull;
  AttachmentsActor attachments;  // null: the profile has none
  SharedFollowing following;
  ViewWatch watch;
  PermissionsActor permissions;  // null: the profile knows no rights
};

// Runs SyncQueue's steps on the partition's file. Operations that wait in the box share a commit;
// each is answered after it by itself.
struct SyncQueueState {
  const char* name = "sync_queue";
  SharedCore core;
  PartitionStore store;
  sync::DocumentOwner owner;  // whose outbox it is
  SyncQueuePeers peers;
  std::optional<sync::RepeatPace> pace;  // of one machine after the other
  // None while the disk has no room for its steps: a step that was taken back on the disk still
  // stands in the machine that made it.
  std::optional<sync::SyncQueue> machine;
  std::optional<Timer> timer;
  SharedEnqueueBox enqueues;
  bool hands_in_many = false;  // the last group was of several operations
  bool plan_asked = false;
  bool paused = false;
  std::optional<ProgressWatcher> watcher;
  std::size_t sent_untold = 0;  // to the watcher
  std::optional<OutboxWatcher> outbox_watcher;
  std::optional<OutboxTold> outbox_told;  // to that watcher
  bool subscribed = false;
  bool reachable = false;
  bool authenticated = false;
  bool is_renewing = false;
  int pushes_open = 0;  // a new machine waits for the call of the one before (INV-Q5)
};

// Its own name keeps the interface out of the names of its handlers.
struct SyncQueueInstance final : SyncQueueActor::stateful_base<SyncQueueState> {
  using stateful_actor::stateful_actor;
};
using SyncQueueSelf = SyncQueueInstance*;

SyncQueueActor::behavior_type sync_queue(SyncQueueSelf self, SharedCore core, PartitionStore store,
                                         sync::DocumentOwner owner, SyncQueuePeers peers,
                                         SharedEnqueueBox enqueues);

}  // namespace landfall::actors
