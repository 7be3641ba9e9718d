#include "simulator/oracles/exactly_once.hpp"

#include "simulator/world/world.hpp"

namespace landfall::oracles {

void ExactlyOnce::on_intent(world::World&, world::Phone&, const world::Intent& intent) {
  payloads_[intent.id] = intent.payload;
}

void ExactlyOnce::on_request(world::World& world, world::Phone& phone, const http::Request&,
                             const std::vector<world::SentOperation>& operations) {
  for (const auto& operation : operations) {
    const auto known = payloads_.find(operation.id);
    if (known == payloads_.end()) {
      world.violate("INV-Q2", phone.name() + " sends " + operation.id + ", which nobody handed in");
      continue;
    }
    if (operation.payload != known->second) {
      world.violate("INV-Q2", phone.name() + " sends " + operation.id + " with another payload");
    }
  }
}

void ExactlyOnce::on_end(world::World& world) {
  world.with_backend([&](const auto& backend, Instant) { judge_ledger(world, backend.ledger()); });
}

void ExactlyOnce::judge_ledger(world::World& world, const backend::Ledger& ledger) {
  for (const auto& effect : ledger.effects()) {
    if (ledger.effect_count(effect.operation_id) > 1) {
      world.violate("INV-Q2", "the server did " + effect.operation_id + " more than once");
    }
    if (!payloads_.contains(effect.operation_id)) {
      world.violate("INV-Q2", "the server did " + effect.operation_id + ", which nobody handed in");
    }
  }
  for (const auto& violation : ledger.violations()) {
    world.violate("INV-Q2", violation.kind + " " + violation.operation_id + " " + violation.detail);
  }
}

}  // namespace landfall::oracles
