#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"

namespace landfall::actors {

// The partition's log is long (Database::log_became_long). From whoever wrote to it.
struct LogBecameLong {};

using LogMoverActor = caf::typed_actor<caf::reacts_to<LogBecameLong>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::LogBecameLong)
