#pragma once

#include "engine/base/json_text.hpp"
#include "engine/profile/entity.hpp"

namespace landfall::profile {

// Whether check_payload takes this payload, asked of its text. False also where a field comes
// twice: check_payload has the last word, and says what is wrong.
[[nodiscard]] bool fits(const Action& action, JsonValue payload);

}  // namespace landfall::profile
