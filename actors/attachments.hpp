#pragma once

#include <optional>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/attachments_messages.hpp"
#include "actors/auth_token_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/core.hpp"
#include "actors/file_jobs.hpp"
#include "actors/gateway_messages.hpp"
#include "actors/timer.hpp"
#include "engine/attachments/progress_pace.hpp"

namespace landfall::actors {

struct AttachmentsPeers {
  ApiActor api;
  AuthTokenActor auth_token;
  ConnectivityActor connectivity;
  GatewayActor gateway;
  SharedFollowing following;
};

// Runs the steps of attachments::Attachments on the partition's file, moves content between the
// host's files, the sealed ones and the calls, and removes what no row needs any more. No file is
// open between two messages but those of the job at the head of `jobs`, and they go with the actor
// (INV-S8).
struct AttachmentsState {
  const char* name = "attachments";
  SharedCore core;
  PartitionStore store;
  AttachmentsPeers peers;
  std::optional<store::SealedFiles> files;
  std::optional<attachments::Attachments> machine;
  std::optional<Timer> timer;
  FileJobs jobs;
  attachments::Network network;
  std::optional<ProgressWatcher> watcher;
  attachments::ProgressPace pace;
  // The machine's first step is on the disk, and it hears of its surroundings.
  bool is_open = false;
  bool plan_asked = false;
  bool paused = false;
};

// Its own name keeps the interface out of the names of its handlers.
struct AttachmentsInstance final : AttachmentsActor::stateful_base<AttachmentsState> {
  using stateful_actor::stateful_actor;
};
using AttachmentsSelf = AttachmentsInstance*;

// The profile has attachments. `partition` names its files.
AttachmentsActor::behavior_type attachments_actor(AttachmentsSelf self, SharedCore core,
                                                  PartitionStore store, PartitionId partition,
                                                  AttachmentsPeers peers);

}  // namespace landfall::actors
