#pragma once

#include "engine/base/json.hpp"
#include "engine/sync/overlay.hpp"

namespace landfall::cache {

// A view as hosts get it: see run_query.
[[nodiscard]] Json to_json(const sync::View& view);

}  // namespace landfall::cache
