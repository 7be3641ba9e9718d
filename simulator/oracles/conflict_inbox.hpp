#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-Q12, the half that concerns the user: a change that met somebody else's is never dropped
// without a word. What the server found in conflict stands in the inbox; while it is open its
// operation is in conflict, and once it is decided it names the operations that supersede the lost
// ones, and those are in the outbox.
class ConflictInbox final : public world::Observer {
 public:
  void on_end(world::World& world) override;

  // What one phone lists.
  static void judge(world::World& world, const world::Phone& phone,
                    const std::vector<nlohmann::json>& outbox,
                    const std::vector<nlohmann::json>& inbox);
};

}  // namespace landfall::oracles
