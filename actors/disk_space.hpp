#pragma once

#include <optional>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api_messages.hpp"
#include "actors/core.hpp"
#include "actors/disk_space_messages.hpp"
#include "actors/timer.hpp"
#include "engine/store/ballast.hpp"

namespace landfall::actors {

// Carries out what store::Ballast decides over the engine's directory, and tells the host and the
// other actors when the disk is low. It outlives every scope, like `api`.
struct DiskSpaceState {
  const char* name = "disk_space";
  SharedCore core;
  ApiActor api;
  std::optional<store::Ballast> ballast;
  std::optional<Timer> timer;
  bool has_left = false;  // while the engine is suspended
};

// Its own name keeps the interface out of the names of its handlers.
struct DiskSpaceInstance final : DiskSpaceActor::stateful_base<DiskSpaceState> {
  using stateful_actor::stateful_actor;
};
using DiskSpaceSelf = DiskSpaceInstance*;

DiskSpaceActor::behavior_type disk_space(DiskSpaceSelf self, SharedCore core, ApiActor api);

}  // namespace landfall::actors
