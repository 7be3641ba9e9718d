#pragma once

#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/attachments_messages.hpp"
#include "actors/common_messages.hpp"
#include "actors/connectivity_messages.hpp"
#include "actors/delta_pull_messages.hpp"
#include "actors/outbox_visits_messages.hpp"
#include "actors/progress_messages.hpp"
#include "actors/sync_queue_messages.hpp"
#include "engine/auth/session.hpp"

namespace landfall::actors {

// From the host: drain and pull for so long; window.finished tells how it ended.
struct RunWindow {
  Duration budget{0};
};

// From session, at every change.
struct SessionTold {
  auth::AuthStatus status = auth::AuthStatus::initial;
};

// From the supervisor: the partition that is open now; or none, because its documents' key is
// locked, and its outbox is sent without it.
struct PartitionReady {
  SyncQueueActor sync_queue;  // null: none is open
  DeltaPullActor delta_pull;  // null: none is open
  ConnectivityActor connectivity;
  AttachmentsActor attachments;     // null: the profile has none, or none is open
  OutboxVisitsActor outbox_visits;  // null: there is none to visit
};

using BackgroundWindowActor =
    caf::typed_actor<caf::reacts_to<RunWindow>, caf::reacts_to<SessionTold>,
                     caf::reacts_to<PartitionReady>, caf::reacts_to<EngineStateChanged>,
                     caf::reacts_to<QueueProgress>, caf::reacts_to<PullProgress>,
                     caf::reacts_to<TransferProgress>, caf::reacts_to<VisitProgress>,
                     caf::reacts_to<ConnectivityChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::RunWindow)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::SessionTold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PartitionReady)
