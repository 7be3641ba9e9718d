#pragma once

#include "simulator/world/observer.hpp"

namespace landfall::oracles {

// INV-A15: there is no way around a proof. A PIN that is not the owner's opens nothing, whatever it
// looks like: no code of developers, no row of one digit.
class NoBypass final : public world::Observer {
 public:
  void on_guess_answered(world::World& world, world::Phone& phone, bool is_right,
                         const nlohmann::json& result) override;
};

}  // namespace landfall::oracles
