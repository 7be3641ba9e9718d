#pragma once

#include <memory>

#include "actors/log_mover_messages.hpp"
#include "engine/store/database.hpp"

namespace landfall::actors {

// Moves the log of a partition into its file, while the queue goes on accepting: what an
// acknowledgement waits for is never a move. Asked once more while it moves, it finds nothing left.
struct LogMoverState {
  const char* name = "log_mover";
  std::shared_ptr<store::Database> database;
};

LogMoverActor::behavior_type log_mover(LogMoverActor::stateful_pointer<LogMoverState> self,
                                       std::shared_ptr<store::Database> database);

}  // namespace landfall::actors
