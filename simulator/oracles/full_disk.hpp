#pragma once

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-S3: what was acknowledged leaves a disk without a free byte as well. With everything healed
// but the room, an outbox comes to rest as it would on an empty disk. That new work is refused
// before it is acknowledged needs no eye of its own: what was acknowledged and never stored is
// lost, which INV-Q1 sees.
class FullDisk final : public world::Observer {
 public:
  void on_full_rest(world::VirtualWorld& world) override;
};

}  // namespace landfall::oracles
