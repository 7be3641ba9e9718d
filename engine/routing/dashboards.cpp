#include "engine/routing/dashboards.hpp"

#include <algorithm>

namespace landfall::routing {
namespace {

using profile::Dashboard;
using profile::is_same_role;
using profile::RoutingRules;

const std::vector<std::string>* members_of(const RoutingRules& rules, std::string_view role) {
  for (const auto& [composite, members] : rules.composites) {
    if (is_same_role(composite, role)) return &members;
  }
  return nullptr;
}

bool is_web_only(const RoutingRules& rules, std::string_view role) {
  return std::any_of(rules.web_only.begin(), rules.web_only.end(),
                     [&](const auto& each) { return is_same_role(each, role); });
}

void add(std::vector<Dashboard>& dashboards, const Dashboard& dashboard) {
  const auto leads_there = [&](const Dashboard& other) {
    if (is_same_role(other.role, dashboard.role)) return true;
    return other.route == dashboard.route && !(other.is_distinct && dashboard.is_distinct);
  };
  if (std::none_of(dashboards.begin(), dashboards.end(), leads_there))
    dashboards.push_back(dashboard);
}

}  // namespace

std::vector<Dashboard> dashboards_of(const RoutingRules& rules,
                                     const std::vector<std::string>& roles) {
  std::vector<Dashboard> dashboards;
  const auto add_of = [&](std::string_view role) {
    if (const Dashboard* dashboard = rules.dashboard(role)) add(dashboards, *dashboard);
  };
  for (const std::string& role : roles) {
    if (const auto* members = members_of(rules, role)) {
      for (const std::string& member : *members) add_of(member);
    } else {
      add_of(role);
    }
  }
  return dashboards;
}

bool has_only_web_roles(const RoutingRules& rules, const std::vector<std::string>& roles) {
  return !roles.empty() && std::all_of(roles.begin(), roles.end(),
                                       [&](const auto& role) { return is_web_only(rules, role); });
}

std::string role_among(const std::vector<Dashboard>& dashboards, std::string_view role) {
  for (const Dashboard& dashboard : dashboards) {
    if (is_same_role(dashboard.role, role)) return dashboard.role;
  }
  return {};
}

}  // namespace landfall::routing
