#pragma once

#include <memory>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/log_mover_messages.hpp"
#include "engine/store/database.hpp"

namespace landfall::actors {

// Moves the log of a partition into its file, while the queue goes on accepting: what an
// acknowledgement waits for is never a move. Asked once more while it moves, it finds nothing left.
struct LogMoverState {
  const char* name = "log_mover";
  std::shared_ptr<store::Database> database;
};

// Its own name keeps the interface out of the names of its handlers.
struct LogMoverInstance final : LogMoverActor::stateful_base<LogMoverState> {
  using stateful_actor::stateful_actor;
};
using LogMoverSelf = LogMoverInstance*;

LogMoverActor::behavior_type log_mover(LogMoverSelf self,
                                       std::shared_ptr<store::Database> database);

}  // namespace landfall::actors
