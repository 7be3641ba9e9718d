#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/base/random.hpp"

namespace landfall::explore {

// The profile of one seed: the given one (a shipped one's name or a whole profile), with single
// decisions about approvals delivered now by push, now by their own endpoint, and edits of a
// requisition sent one by one or as one, so that a range of seeds sees every way in which an
// operation can leave. A profile without those endpoints or actions stays as it is.
[[nodiscard]] nlohmann::json draw_profile(const nlohmann::json& base, Random& random);

}  // namespace landfall::explore
