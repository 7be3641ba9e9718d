#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/http/message.hpp"
#include "simulator/world/world.hpp"

namespace landfall::oracles {

// The organisation that a request is made for, by the header that the profile has for it; empty
// where it names none. Nothing: the profile has no such header.
[[nodiscard]] std::optional<std::string> organisation_of(const world::World& world,
                                                         const http::Request& request);

// The one that its user works in, as an event session.status tells it; empty: none.
[[nodiscard]] std::string organisation_in(const nlohmann::json& status);

}  // namespace landfall::oracles
