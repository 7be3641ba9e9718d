#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {

using OutboxReader = std::function<void(const std::optional<std::vector<nlohmann::json>>&)>;

// Whether time alone would still move this operation, as a phone lists it.
[[nodiscard]] bool is_moving(const nlohmann::json& operation);

// Asks for every operation that a phone lists, settled ones as well, in order. `then` gets them
// when the phone has answered, and nothing when it cannot answer now; it is never called when the
// phone's process dies first.
void ask_outbox(world::Phone& phone, OutboxReader then);

// Every operation that a phone lists, settled ones as well, in order; nothing when the phone cannot
// answer now. It lets a few seconds pass in the world. Listing may meet a damaged page, after which
// the phone opens anew: then it is asked once more.
[[nodiscard]] std::optional<std::vector<nlohmann::json>> read_outbox(world::World& world,
                                                                     world::Phone& phone);

}  // namespace landfall::oracles
