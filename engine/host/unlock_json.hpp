#pragma once

#include <string_view>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/unlock/unlock.hpp"

namespace landfall::host {

// How the app is unlocked, in the host's words; schema/api.json shows the shape. `code`: why the
// last try opened nothing, said with the profile's text for it; empty when it did, or when nobody
// tried. Pure.
[[nodiscard]] Json unlock_json(const Profile& profile, const unlock::UnlockStatus& status,
                               std::string_view code);

}  // namespace landfall::host
