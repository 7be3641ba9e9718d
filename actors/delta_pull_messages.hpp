#pragma once

#include <cstdint>
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
struct RequestPull {
  bool by_user = false;  // who does not wait as long as a machine would
};

// The hub says that a document has this version now: asks for a pull.
struct DataChanged {
  EntityKey entity;
  std::int64_t row_version = 0;
};

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

// cache.clear.
struct ClearCache {};

using DeltaPullActor =
    caf::typed_actor<caf::reacts_to<RequestPull>, caf::reacts_to<DataChanged>,
                     caf::reacts_to<WatchProgress>, caf::replies_to<RefreshDocuments>::with<Status>,
                     caf::replies_to<ClearCache>::with<Result<store::ClearedDocuments>>,
                     caf::reacts_to<AdoptEntities>, caf::reacts_to<DocumentUsed>,
                     caf::reacts_to<ConnectivityChanged>, caf::reacts_to<AuthChanged>,
                     caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::RequestPull)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DataChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::RefreshDocuments)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ClearCache)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::store::ClearedDocuments>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AdoptEntities)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DocumentUsed)
