#pragma once

#include <cstdint>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"

namespace landfall::actors {

// Forgets the active user's partition for good. `discard_pending` is the number of operations
// without a verdict that its user gives up: `pending`, `processing` and `spent` of
// operations.counts together.
struct ErasePartition {
  std::int64_t discard_pending = 0;
};

struct Erased {
  std::int64_t operations = 0;  // that were given up
};

using EraserActor = caf::typed_actor<caf::replies_to<ErasePartition>::with<Result<Erased>>,
                                     caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::ErasePartition)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::Result<landfall::actors::Erased>)
