#pragma once

#include "engine/profile/profile.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::net {

// Where a backend of this profile listens: the paths of its endpoints, and the backend's own where
// the profile names none.
[[nodiscard]] backend::Routes routes_of(const Profile& profile);

// A backend that speaks as this profile's server does, with its users and at its paths.
[[nodiscard]] backend::BackendOptions options_for(const Profile& profile);

}  // namespace landfall::net
