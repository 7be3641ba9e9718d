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

void NoLostOperation::on_end(world::World& world) {
  for (const auto& phone : world.phones()) {
    const auto outbox = read_outbox(world, *phone);
    if (!outbox) {
      world.violate("INV-Q1", phone->name() + " cannot list its outbox at the end, engine " +
                                  phone->engine_state());
      continue;
    }
    std::map<std::string, std::string> states;
    for (const auto& operation : *outbox) {
      states[operation["id"].get<std::string>()] = operation["state"].get<std::string>();
    }
    for (const auto& id : acknowledged_[phone.get()]) {
      const auto found = states.find(id);
      const bool had_effect = world.ask_backend([&, &wanted = id](const auto& backend) {
        return backend.ledger().effect_count(wanted) > 0;
      });
      if (found == states.end() && !had_effect && !discarded_.contains(id)) {
        world.violate("INV-Q1", phone->name() + " lost the acknowledged operation " + id);
      } else if (found != states.end() && found->second == "applied" && !had_effect) {
        world.violate("INV-Q1",
                      phone->name() + " calls " + id + " applied, the server never did it");
      }
    }
  }
}

}  // namespace landfall::oracles
