#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::profile {

// Roles are written in any case.
[[nodiscard]] bool is_same_role(std::string_view a, std::string_view b);

// A place that a user may work in, as the card that leads there shows it.
struct Dashboard {
  std::string role;
  std::string route;
  std::string name;
  std::string description;
  std::string icon;
  // A card of its own although another role's card has the same route.
  bool is_distinct = false;
};

// Where the app goes at its start and after a login. Roles compare without case.
struct RoutingRules {
  std::string onboarding;
  std::string login;
  std::string unlock;  // while the app is locked; empty: its lock lies over whatever is shown
  std::string initial_sync;
  std::string selection;  // of several dashboards
  Duration roles_wait{0};
  std::vector<std::string> web_only;  // roles that have nothing to do here
  std::vector<Dashboard> dashboards;  // in the order of their cards
  // Roles that stand for others.
  std::map<std::string, std::vector<std::string>, std::less<>> composites;

  // Null when the role has none of its own.
  [[nodiscard]] const Dashboard* dashboard(std::string_view role) const;
};

}  // namespace landfall::profile
