#pragma once

#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/random.hpp"
#include "simulator/backend/document.hpp"

namespace landfall::backend {

// A version 4 UUID of the seed's own stream, so that the data does not depend on who else draws
// random bytes.
[[nodiscard]] std::string draw_id(Random& random);

// A document before it has a version. `owner`: the only user who sees it; nothing: everybody does.
[[nodiscard]] Document make_document(std::string type, std::string id, const nlohmann::json& data,
                                     std::optional<std::string> owner);

}  // namespace landfall::backend
