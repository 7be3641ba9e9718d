#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace landfall::actors {

// The partition's log is longer than limits::kLogBytesMax. From whoever wrote to it.
struct MoveLog {};

using LogMoverActor = caf::typed_actor<caf::reacts_to<MoveLog>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::MoveLog)
