#pragma once

#include "engine/base/json.hpp"
#include "engine/routing/route.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::host {

// {"route","why","dashboards":[{"role","route","name","description","icon"}],"active_role"}, and
// `message` where the user is told something.
[[nodiscard]] Json routing_json(const Profile& profile, const routing::Decision& decision);

}  // namespace landfall::host
