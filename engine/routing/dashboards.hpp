#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/profile/routing_rules.hpp"

namespace landfall::routing {

// The places that somebody with these roles may work in, in the order of the roles: a composite
// role stands for its members, web-only roles and unknown ones for nothing. Each route once, but
// for dashboards that the profile calls distinct.
[[nodiscard]] std::vector<profile::Dashboard> dashboards_of(const profile::RoutingRules& rules,
                                                            const std::vector<std::string>& roles);

// Somebody has roles, and this app is for none of them.
[[nodiscard]] bool has_only_web_roles(const profile::RoutingRules& rules,
                                      const std::vector<std::string>& roles);

// The role of one of the dashboards, as the profile writes it; empty when none is that role's.
[[nodiscard]] std::string role_among(const std::vector<profile::Dashboard>& dashboards,
                                     std::string_view role);

}  // namespace landfall::routing
