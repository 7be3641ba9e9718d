#include "simulator/oracles/all.hpp"

#include <memory>

#include <nlohmann/json.hpp>

#include "simulator/oracles/exactly_once.hpp"
#include "simulator/oracles/no_lost_operation.hpp"
#include "simulator/oracles/outbox_rest.hpp"

namespace landfall::oracles {

All::All() {
  oracles_.push_back(std::make_unique<NoLostOperation>());
  oracles_.push_back(std::make_unique<ExactlyOnce>());
  oracles_.push_back(std::make_unique<OutboxRest>());
}

All::~All() = default;

void All::join(world::World& world) {
  for (const auto& oracle : oracles_) world.add_observer(*oracle);
}

}  // namespace landfall::oracles
