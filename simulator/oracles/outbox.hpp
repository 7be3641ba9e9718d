#pragma once

#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {

// Every operation that a phone lists, settled ones as well, in order; nothing when the phone cannot
// answer now. It lets a few seconds pass in the world.
[[nodiscard]] std::optional<std::vector<nlohmann::json>> read_outbox(world::World& world,
                                                                     world::Phone& phone);

}  // namespace landfall::oracles
