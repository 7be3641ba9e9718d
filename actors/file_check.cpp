#include "actors/file_check.hpp"

#include <cstdint>
#include <utility>

#include "engine/store/counter_table.hpp"

namespace landfall::actors {
namespace {

using Self = FileCheckSelf;
using store::Durability;
using store::Transaction;

// When it was is not worth a write of its own: at worst the file is looked through once more.
void note_done(FileCheckState& state) {
  (void)state.database->write(
      "file_check.done", Durability::ordered, [&](Transaction& tx) -> Status {
        store::CounterTable::set_late(tx, store::kFileCheckedMs, state.core->now().unix_ms);
        return {};
      });
}

void check_next(FileCheckState& state) {
  auto& plan = *state.plan;
  const auto tables = state.database->tables();
  // What is damaged leads to the end of this scope.
  const Status sound = tables && plan.table() < tables->size()
                           ? state.database->quick_check((*tables)[plan.table()])
                           : Status{};
  if (!tables || !sound) return plan.on_failed(state.core->now());
  if (plan.on_sound(tables->size(), state.core->now())) note_done(state);
}

void look(Self self) {
  auto& state = self->state;
  const auto next_at = [&] {
    return state.plan->next_at(state.database->commit_seq(), state.core->now());
  };
  if (next_at() <= state.core->now()) check_next(state);
  state.timer->arm(self, next_at());
}

}  // namespace

FileCheckActor::behavior_type file_check(Self self, SharedCore core,
                                         std::shared_ptr<store::Database> database) {
  auto& state = self->state;
  state.core = std::move(core);
  state.database = std::move(database);
  state.timer.emplace(*state.core->environment.clock);
  const auto done_ms = state.database->read([](const store::Snapshot& snapshot) {
    return store::CounterTable::get(snapshot, store::kFileCheckedMs);
  });
  const bool was_checked = done_ms && *done_ms > 0;
  state.plan.emplace(was_checked ? std::optional{Instant{*done_ms}} : std::nullopt,
                     state.core->now());
  look(self);
  return {
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) look(self);
      },
  };
}

}  // namespace landfall::actors
