#include "simulator/oracles/no_bypass.hpp"

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {

void NoBypass::on_guess_answered(world::World& world, world::Phone& phone, bool is_right,
                                 const nlohmann::json& result) {
  if (is_right || result.value("locked", true)) return;
  world.violate("INV-A15", phone.name() + " was opened at " + format_rfc3339(world.now()) +
                               " by a PIN that is not its owner's");
}

}  // namespace landfall::oracles
