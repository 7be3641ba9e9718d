#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/progress_messages.hpp"
#include "engine/sync/data_changes.hpp"
#include "engine/sync/delta_pull.hpp"

namespace landfall::actors {

// Pull what is due now: the user pulled down, a push was settled.
struct RequestPull {
  bool by_user = false;  // who does not wait as long as a machine would
};

// These documents as the server has them; answered when they are stored or could not be had.
struct RefreshDocuments {
  std::vector<EntityKey> entities;
};

// One document for somebody who waits for it; answered when the server has, or cannot.
struct FetchDocument {
  EntityKey entity;
};
struct FetchedDocument {
  std::optional<sync::Document> document;  // as it came; nothing: the one that is here is as new
};

// A list or a cached read, asked of the server; answered once its documents are stored.
struct AskList {
  sync::ListQuestion question;
};
using SharedList = std::shared_ptr<const sync::ListAnswer>;

// An answer to operations was taken in, whatever it said. Behind AdoptEntities.
struct PushAnswered {};

// Entities that came with verdicts; the first, which may have none, says whose PullAnswered is.
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
    caf::typed_actor<caf::reacts_to<RequestPull>, caf::reacts_to<WatchProgress>,
                     caf::replies_to<RefreshDocuments>::with<Status>,
                     caf::replies_to<FetchDocument>::with<Result<FetchedDocument>>,
                     caf::replies_to<AskList>::with<Result<SharedList>>,
                     caf::reacts_to<sync::DataChanged>, caf::reacts_to<PushAnswered>,
                     caf::replies_to<ClearCache>::with<Result<store::ClearedDocuments>>,
                     caf::reacts_to<AdoptEntities>, caf::reacts_to<DocumentUsed>,
                     caf::reacts_to<ConnectivityChanged>, caf::reacts_to<AuthChanged>,
                     caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::RequestPull)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::RefreshDocuments)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::FetchDocument)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AskList)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::PushAnswered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::sync::DataChanged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::FetchedDocument>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::SharedList>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ClearCache)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::store::ClearedDocuments>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::AdoptEntities)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DocumentUsed)
