#include "simulator/oracles/no_lost_operation.hpp"

#include "simulator/oracles/outbox.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {

void NoLostOperation::on_acknowledged(world::World&, world::Phone& phone,
                                      const world::Intent& intent, const nlohmann::json&) {
  acknowledged_[&phone].insert(intent.id);
}

void NoLostOperation::on_discarded(world::World&, world::Phone&, const std::string& operation) {
  discarded_.insert(operation);
}

void NoLostOperation::on_lost(world::World&, world::Phone&, const std::string& operation) {
  discarded_.insert(operation);
}

void NoLostOperation::on_erase(world::World&, world::Phone& phone) {
  acknowledged_[&phone].clear();
}

std::vector<std::string> NoLostOperation::problems(
    const world::Phone& phone, const States& states,
    const std::function<bool(const std::string&)>& had_effect) const {
  std::vector<std::string> found;
  const auto acknowledged = acknowledged_.find(&phone);
  if (acknowledged == acknowledged_.end()) return found;
  for (const auto& id : acknowledged->second) {
    if (had_effect(id)) continue;
    const auto listed = states.find(id);
    if (listed == states.end() && !discarded_.contains(id)) {
      found.push_back(phone.name() + " lost the acknowledged operation " + id);
    } else if (listed != states.end() && listed->second == "applied") {
      found.push_back(phone.name() + " calls " + id + " applied, the server never did it");
    }
  }
  return found;
}

void NoLostOperation::on_end(world::World& world) {
  const auto had_effect = [&](const std::string& id) {
    return world.ask_backend(
        [&](const auto& backend) { return backend.ledger().effect_count(id) > 0; });
  };
  for (const auto& phone : world.phones()) {
    const auto outbox = read_outbox(world, *phone);
    if (!outbox) {
      world.violate("INV-Q1", phone->name() + " cannot list its outbox at the end, engine " +
                                  phone->engine_state());
      continue;
    }
    States states;
    for (const auto& operation : *outbox)
      states[operation["id"].get<std::string>()] = operation["state"].get<std::string>();
    for (const auto& problem : problems(*phone, states, had_effect))
      world.violate("INV-Q1", problem);
  }
}

}  // namespace landfall::oracles
