#pragma once

#include <cstdint>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/progress_messages.hpp"
#include "actors/sync_queue_messages.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"

namespace landfall::actors {

// How many operations of this partition have no verdict; it may be open or closed, not in between
// (session.busy).
struct CountPending {
  PartitionId partition;
};

using OutboxVisitsActor =
    caf::typed_actor<caf::replies_to<CountPending>::with<Result<std::int64_t>>,
                     caf::reacts_to<OutboxTold>, caf::reacts_to<PauseQueue>,
                     caf::reacts_to<WatchProgress>, caf::reacts_to<ConnectivityChanged>,
                     caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::CountPending)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<std::int64_t>)
