#pragma once

#include <string>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "actors/common_messages.hpp"

namespace landfall::actors {

// A step found no room on the disk and was taken back.
struct DiskFull {
  std::string label;
};

// The engine is suspended: the directory may be another engine's until UseDisk. Answered when
// nothing here touches it any longer (INV-S8).
struct LeaveDisk {};
struct UseDisk {};

using DiskSpaceActor =
    caf::typed_actor<caf::reacts_to<DiskFull>, caf::replies_to<LeaveDisk>::with<Status>,
                     caf::reacts_to<UseDisk>, caf::reacts_to<TimerFired>>;

}  // namespace landfall::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::DiskFull)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::LeaveDisk)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(landfall::actors::UseDisk)
