#pragma once

#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"
#include "actors/progress_messages.hpp"
#include "actors/sync_queue_messages.hpp"

namespace landfall::actors {

using OtherOutboxesActor =
    caf::typed_actor<caf::reacts_to<OutboxTold>, caf::reacts_to<PauseQueue>,
                     caf::reacts_to<WatchProgress>, caf::reacts_to<ConnectivityChanged>,
                     caf::reacts_to<AuthChanged>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors
