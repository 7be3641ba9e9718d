#include "actors/log_mover.hpp"

#include <utility>

namespace landfall::actors {
namespace {

using Self = LogMoverSelf;

void look(Self self) {
  auto& state = self->state;
  const Instant now = state.core->now();
  const bool disk_is_low = state.core->signals->disk_is_low();
  auto at = state.plan.move_at(state.database->wal_bytes(), state.database->commit_seq(), now,
                               disk_is_low);
  if (at && *at <= now) {
    // Why it fails is found by the next step of whoever writes.
    const auto result = state.database->move_log();
    const Status moved = result ? Status{} : failure(result.error());
    at = store::LogMovePlan::look_again_at(state.database->wal_bytes(), moved, state.core->now(),
                                           disk_is_low);
  }
  state.timer->arm(self, at);
}

}  // namespace

LogMoverActor::behavior_type log_mover(LogMoverSelf self, SharedCore core,
                                       std::shared_ptr<store::Database> database) {
  auto& state = self->state;
  state.core = std::move(core);
  state.database = std::move(database);
  state.timer.emplace(*state.core->environment.clock);
  return {
      [self](const LogBecameLong&) { look(self); },
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) look(self);
      },
  };
}

}  // namespace landfall::actors
