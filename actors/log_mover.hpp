#pragma once

#include <memory>
#include <optional>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/core.hpp"
#include "actors/log_mover_messages.hpp"
#include "actors/timer.hpp"
#include "engine/store/database.hpp"
#include "engine/store/log_move_plan.hpp"

namespace landfall::actors {

// Moves the log of a partition into its file when it is time (LogMovePlan), while the queue goes on
// accepting: what an acknowledgement waits for is never a move. It looks after a long log until
// that is short again.
struct LogMoverState {
  const char* name = "log_mover";
  SharedCore core;
  std::shared_ptr<store::Database> database;
  store::LogMovePlan plan;
  std::optional<Timer> timer;
};

// Its own name keeps the interface out of the names of its handlers.
struct LogMoverInstance final : LogMoverActor::stateful_base<LogMoverState> {
  using stateful_actor::stateful_actor;
};
using LogMoverSelf = LogMoverInstance*;

LogMoverActor::behavior_type log_mover(LogMoverSelf self, SharedCore core,
                                       std::shared_ptr<store::Database> database);

}  // namespace landfall::actors
