#pragma once

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"

namespace landfall::actors {

using FileCheckActor = caf::typed_actor<caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors
