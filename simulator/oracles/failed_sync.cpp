#include "simulator/oracles/failed_sync.hpp"

#include <string>

#include "simulator/world/virtual_world.hpp"

namespace landfall::oracles {

void FailedSync::on_handled(world::VirtualWorld& world, world::VirtualPhone& phone) {
  const std::uint64_t changes = phone.disk().changes_behind_failed_syncs();
  auto& told = told_[&phone];
  if (changes == told) return;
  world.violate("INV-S5", phone.name() + " changed a file " + std::to_string(changes - told) +
                              " times behind its failed sync at " + format_rfc3339(world.now()));
  told = changes;
}

}  // namespace landfall::oracles
