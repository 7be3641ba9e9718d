#include "simulator/oracles/own_conflict.hpp"

#include "simulator/world/world.hpp"

namespace landfall::oracles {

bool OwnConflict::is_own(const backend::ConflictRecord& conflict, Duration lag) const {
  if (!conflict.produced_by || conflict.produced_by_device != conflict.device_id) return false;
  const auto* loser = book_.find(conflict.operation_id);
  const auto* winner = book_.find(*conflict.produced_by);
  if (loser == nullptr || winner == nullptr || loser->entity != winner->entity) return false;
  if (!loser->seq || !winner->seq || *winner->seq >= *loser->seq) return false;
  return !winner->retried && !OperationBook::was_held(*winner, conflict.at + lag);
}

void OwnConflict::on_end(world::World& world) {
  world.with_backend([&](const auto& backend, Instant) { judge_ledger(world, backend.ledger()); });
}

void OwnConflict::judge_ledger(world::World& world, const backend::Ledger& ledger) const {
  for (const auto& conflict : ledger.conflicts()) {
    if (!is_own(conflict, world.lag())) continue;
    const auto* loser = book_.find(conflict.operation_id);
    world.violate("INV-Q16",
                  describe(*loser->phone, *loser) + " met a conflict at " +
                      format_rfc3339(conflict.at) + " with version " +
                      std::to_string(conflict.current_version) + " of " + *conflict.produced_by +
                      ", its own earlier operation; it stood on " +
                      (conflict.after          ? "after " + *conflict.after
                       : conflict.base_version ? "version " + std::to_string(*conflict.base_version)
                                               : "nothing"));
  }
}

}  // namespace landfall::oracles
