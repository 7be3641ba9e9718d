#pragma once

#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "mobile_glue/device_clock.hpp"

namespace landfall::net {

// The pace that a server names under GET /_sim/clock; nothing when it is out of reach or is no
// reference backend. Waits for a few seconds at most. Errors: origin.invalid.
[[nodiscard]] Result<std::optional<glue::Pace>> fetch_pace(const std::string& origin);

}  // namespace landfall::net
