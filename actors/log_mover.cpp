#include "actors/log_mover.hpp"

#include <utility>

#include "schema/limits.hpp"

namespace landfall::actors {

// What fails here is found by the next step of whoever writes.
LogMoverActor::behavior_type log_mover(LogMoverSelf self,
                                       std::shared_ptr<store::Database> database) {
  self->state.database = std::move(database);
  return {[self](const MoveLog&) {
    store::Database& partition = *self->state.database;
    if (partition.wal_bytes() > limits::kLogBytesMax) (void)partition.move_log();
  }};
}

}  // namespace landfall::actors
