#pragma once

#include "actors/supervisor.hpp"

namespace landfall::actors {

// Who is in which scope, and whom each of them knows: the only place where the engine is wired.

// Over `directory.device`. `api` is told of it.
void spawn_device_scope(SupervisorSelf self);

// Over `partition`, which is open. `api` and the background window are told of it.
void spawn_partition_scope(SupervisorSelf self);

// Without a partition (DrainOutboxes). The background window is told of it.
void spawn_drain_scope(SupervisorSelf self, const auth::ActiveUser& user);

}  // namespace landfall::actors
