#pragma once

#include <cstdint>
#include <map>

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-S5: behind a sync that failed nothing is written or synced through the same open file. The
// system may have dropped what it could not write and call the next sync good; only closing,
// reading again and looking up tells what stands.
class FailedSync final : public world::Observer {
 public:
  void on_handled(world::VirtualWorld& world, world::VirtualPhone& phone) override;

 private:
  std::map<const world::VirtualPhone*, std::uint64_t> told_;
};

}  // namespace landfall::oracles
