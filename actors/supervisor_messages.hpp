#pragma once

#include <cstdint>
#include <memory>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "engine/auth/session.hpp"
#include "engine/store/sealer.hpp"

namespace landfall::actors {

// Opens the partition of this user and spawns its scope; another one that is open is closed first.
// Answered when the engine is ready.
struct OpenPartition {
  auth::ActiveUser user;
  std::shared_ptr<store::Sealer> outbox_key;
  std::shared_ptr<store::Sealer> documents_key;
};

// Stops the partition scope and closes its files.
struct ClosePartition {};

// How many operations of this partition have no verdict; it may be open or closed, not in between
// (session.busy).
struct CountPending {
  PartitionId partition;
};

// A database met bytes that cannot be trusted (StoreSignals knows which).
struct StoreDamaged {};

// Stops everything in order. Answered when all files are closed.
struct Shutdown {};

using SupervisorActor = caf::typed_actor<
    caf::replies_to<OpenPartition>::with<Status>, caf::replies_to<ClosePartition>::with<Status>,
    caf::replies_to<Shutdown>::with<Status>,
    caf::replies_to<CountPending>::with<Result<std::int64_t>>, caf::reacts_to<StoreDamaged>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::OpenPartition)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ClosePartition)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::Shutdown)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::CountPending)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<std::int64_t>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::StoreDamaged)
