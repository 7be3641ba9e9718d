#pragma once

#include "engine/profile/profile.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::net {

// Where a backend of this profile listens: the paths of its endpoints, and the backend's own where
// the profile names none.
[[nodiscard]] backend::Routes routes_of(const Profile& profile);

// Makes the backend speak as this profile's app expects: its paths, and its dialect where the reply
// paths tell one from another.
void serve_profile(const Profile& profile, backend::BackendOptions& options);

}  // namespace landfall::net
