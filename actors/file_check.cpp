#include "actors/file_check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "engine/store/counter_table.hpp"

namespace landfall::actors {
namespace {

using Self = FileCheckSelf;
using store::Durability;
using store::Transaction;

// Not worth a write of its own: at worst a table is looked through once more.
void note(FileCheckState& state, bool is_done) {
  (void)state.database->write(
      "file_check.note", Durability::ordered, [&](Transaction& tx) -> Status {
        store::CounterTable::set_late(tx, store::kFileCheckTable,
                                      static_cast<std::int64_t>(state.plan->table()));
        if (is_done)
          store::CounterTable::set_late(tx, store::kFileCheckedMs, state.core->now().unix_ms);
        return {};
      });
}

store::FileCheckPlan read_plan(store::Database& database, Instant now) {
  std::int64_t done_ms = 0;
  std::int64_t table = 0;
  // Where it cannot be read the file is looked through from its beginning.
  (void)database.read([&](const store::Snapshot& snapshot) -> Status {
    LANDFALL_TRY_ASSIGN(done_ms, store::CounterTable::get(snapshot, store::kFileCheckedMs));
    LANDFALL_TRY_ASSIGN(table, store::CounterTable::get(snapshot, store::kFileCheckTable));
    return {};
  });
  return {done_ms > 0 ? std::optional{Instant{done_ms}} : std::nullopt,
          static_cast<std::size_t>(std::max<std::int64_t>(table, 0)), now};
}

void check_next(FileCheckState& state) {
  auto& plan = *state.plan;
  const auto tables = state.database->tables();
  // What is damaged leads to the end of this scope.
  const Status sound = tables && plan.table() < tables->size()
                           ? state.database->quick_check((*tables)[plan.table()])
                           : Status{};
  if (!tables || !sound) return plan.on_failed(state.core->now());
  note(state, plan.on_sound(tables->size(), state.core->now()));
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
  state.plan.emplace(read_plan(*state.database, state.core->now()));
  look(self);
  return {
      [self](const TimerFired& fired) {
        if (self->state.timer->fires(self, fired)) look(self);
      },
  };
}

}  // namespace landfall::actors
