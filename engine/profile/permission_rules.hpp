#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::profile {

// What follows when a right is taken away: the session ends, as soon as no form is open, or
// the host is told and nothing more.
enum class OnRevoked { logout, tell };

struct PermissionRules {
  std::string by_role;  // endpoint that answers the rights of each role; empty: none
  OnRevoked on_revoked = OnRevoked::logout;
  Duration defer_max{0};  // for how long open forms put the logout off
  // The feature matrix: what a role may do while the server has not said it. Roles are in
  // lower case.
  std::map<std::string, std::vector<std::string>, std::less<>> matrix;
};

}  // namespace landfall::profile
