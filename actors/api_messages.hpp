#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/attachments_messages.hpp"
#include "actors/cache_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/delta_pull_messages.hpp"
#include "actors/devices_messages.hpp"
#include "actors/enqueue_door.hpp"
#include "actors/eraser_messages.hpp"
#include "actors/notifications_messages.hpp"
#include "actors/permissions_messages.hpp"
#include "actors/poll_queue.hpp"
#include "actors/routing_messages.hpp"
#include "actors/session_messages.hpp"
#include "actors/sync_queue_messages.hpp"
#include "engine/host/incoming.hpp"
#include "engine/http/app_update.hpp"

namespace landfall::actors {

// A request of the host, validated on the caller's thread. `ticket`: it came without an envelope
// and is answered under that ticket instead of a reply id.
struct HostRequest {
  host::Request request;
  bool ticket = false;
};

// The host's answer to one of our questions.
struct HostAnswer {
  host::Answer answer;
};

// Asks the host's `port`. Errors are the host's own, or port.timeout, or port.withdrawn at close.
struct AskHost {
  std::string port;
  SharedJson data;
};

// An event for the host: last value by key until it is polled.
struct EmitEvent {
  std::string key;
  std::string event;
  SharedJson data;
};

// Events whose texts are made already, in order: what one step has to tell goes in one message.
struct EmitEvents {
  std::vector<HostEvent> events;
};

// From transport: what the server says about newer apps is another thing now, or again after a
// start.
struct UpdateChanged {
  http::UpdateNotice notice;
};

// How many questions the host has not answered.
struct CountQuestions {};

enum class EngineState { opening, locked, ready, suspended, failed };

// From the supervisor: where requests go now. Handles that are null are not there.
struct DeviceOpened {
  ConnectivityActor connectivity;
  SessionActor session;
  EraserActor eraser;
  DevicesActor devices;
  RoutingActor routing = {};  // null: the profile has none
};
struct PartitionOpened {
  EnqueueWay enqueues;
  DeltaPullActor delta_pull;
  CacheActor cache;
  NotificationsActor notifications;
  AttachmentsActor attachments;
  PermissionsActor permissions;  // null: the profile knows no rights
};
struct PartitionClosed {};
struct EngineStateChanged {
  EngineState state = EngineState::opening;
  std::string code;  // why it failed, stays suspended, or waits while it opens
};

// No new requests; questions are withdrawn, what is open is answered. Replied when that is done.
struct CloseApi {};

// The engine is being suspended: what is asked from now on is refused with engine.suspended, until
// DeviceOpened. Replied when all that was asked before has been passed on.
struct PauseApi {};

using ApiActor = caf::typed_actor<
    caf::reacts_to<HostRequest>, caf::reacts_to<HostAnswer>,
    caf::replies_to<AskHost>::with<Result<SharedJson>>, caf::reacts_to<EmitEvent>,
    caf::reacts_to<EmitEvents>, caf::reacts_to<DeviceOpened>, caf::reacts_to<PartitionOpened>,
    caf::reacts_to<PartitionClosed>, caf::reacts_to<EngineStateChanged>,
    caf::reacts_to<LockChanged>, caf::reacts_to<UpdateChanged>,
    caf::replies_to<CloseApi>::with<Status>, caf::replies_to<PauseApi>::with<Status>,
    caf::replies_to<CountQuestions>::with<std::size_t>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::HostRequest)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::HostAnswer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AskHost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::EmitEvent)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::EmitEvents)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DeviceOpened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PartitionOpened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PartitionClosed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::EngineStateChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::CloseApi)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PauseApi)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::CountQuestions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UpdateChanged)
