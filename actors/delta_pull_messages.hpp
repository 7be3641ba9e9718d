#pragma once

#include <memory>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/progress_messages.hpp"
#include "engine/sync/delta_pull.hpp"

namespace landfall::actors {

// Pull what is due now: the user pulled down, a push was settled.
struct RequestPull {};

// These documents as the server has them; answered when they are stored or could not be had.
struct RefreshDocuments {
  std::vector<EntityKey> entities;
};

// Entities that came with verdicts.
struct AdoptEntities {
  std::vector<sync::EntityOfVerdict> entities;
};

// A document was looked at.
struct DocumentUsed {
  EntityKey entity;
};

using DeltaPullActor =
    caf::typed_actor<caf::reacts_to<RequestPull>, caf::reacts_to<WatchProgress>,
                     caf::replies_to<RefreshDocuments>::with<Status>, caf::reacts_to<AdoptEntities>,
                     caf::reacts_to<DocumentUsed>, caf::reacts_to<ConnectivityChanged>,
                     caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::RequestPull)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::RefreshDocuments)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AdoptEntities)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DocumentUsed)
