#pragma once

#include <optional>

#include "engine/base/time.hpp"

namespace landfall {

// Whether the device's wall clock is not to be believed: it shows a time before there was this
// engine or after any phone that runs it, or a server's clock is more than a day away, which no
// zone explains. `ahead`: by how much it was ahead of a server that said its time; nothing: none
// did. The host may show it; what the engine counts is bounded whatever the clock says (INV-A9,
// INV-T3).
[[nodiscard]] bool is_clock_suspect(Instant now, std::optional<Duration> ahead);

}  // namespace landfall
