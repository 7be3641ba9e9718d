#include <algorithm>
#include <cctype>
#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

void check_route(ObjectReader& reader, std::string_view key, const std::string& route) {
  const bool is_rooted = route.starts_with("/") && !route.starts_with("//");
  if (!route.empty() && !is_rooted) reader.refuse(key, "expected a screen that begins with one /");
}

std::string read_route(ObjectReader& reader, std::string_view key) {
  std::string route = reader.text(key, limits::kTargetBytesMax);
  check_route(reader, key, route);
  return route;
}

std::vector<Dashboard> read_dashboards(ObjectReader& section) {
  std::vector<Dashboard> dashboards;
  for (ObjectReader& reader : section.array("dashboards", limits::kDashboardsMax)) {
    Dashboard dashboard;
    dashboard.role = reader.text("role", limits::kNameBytesMax);
    dashboard.route = read_route(reader, "route");
    dashboard.name = reader.text("name");
    dashboard.description = reader.text_or("description", "", limits::kMessageBytesMax);
    dashboard.icon = reader.text_or("icon", "", limits::kNameBytesMax);
    dashboard.is_distinct = reader.flag_or("distinct", false);
    reader.done();
    const bool is_known = std::any_of(dashboards.begin(), dashboards.end(), [&](const auto& other) {
      return is_same_role(other.role, dashboard.role);
    });
    if (is_known) reader.refuse("role", "expected each role once");
    dashboards.push_back(std::move(dashboard));
  }
  return dashboards;
}

// A composite of composites could stand for itself: its members have dashboards of their own.
void read_composites(ObjectReader& section, RoutingRules& rules) {
  auto reader = section.object_if("composites");
  if (!reader) return;
  std::vector<std::string> roles;
  for (const auto& [role, unused] : reader->value().items()) roles.push_back(role);
  if (roles.size() > limits::kRolesMax) section.refuse("composites", "expected fewer roles");
  for (const std::string& role : roles) {
    auto members = reader->texts_or_none(role, limits::kDashboardsMax);
    const bool are_known = std::all_of(members.begin(), members.end(), [&](const auto& member) {
      return rules.dashboard(member) != nullptr;
    });
    if (members.empty() || !are_known) reader->refuse(role, "expected roles that have dashboards");
    if (rules.dashboard(role) != nullptr)
      reader->refuse(role, "expected no dashboard of its own beside those it stands for");
    rules.composites.emplace(role, std::move(members));
  }
  reader->done();
}

}  // namespace

bool is_same_role(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

const Dashboard* RoutingRules::dashboard(std::string_view role) const {
  const auto found = std::find_if(dashboards.begin(), dashboards.end(), [&](const Dashboard& each) {
    return is_same_role(each.role, role);
  });
  return found == dashboards.end() ? nullptr : &*found;
}

RoutingRules read_routing(ObjectReader section) {
  RoutingRules rules;
  rules.onboarding = read_route(section, "onboarding");
  rules.login = read_route(section, "login");
  rules.unlock = section.text_or("unlock", "", limits::kTargetBytesMax);
  check_route(section, "unlock", rules.unlock);
  rules.initial_sync = read_route(section, "initial_sync");
  rules.selection = read_route(section, "selection");
  rules.roles_wait = std::chrono::seconds{section.integer_or(
      "roles_wait_s", limits::kRolesWaitMs / 1'000, 0, limits::kRolesWaitMsMax / 1'000)};
  rules.web_only = section.texts_or_none("web_only", limits::kRolesMax);
  rules.dashboards = read_dashboards(section);
  if (rules.dashboards.empty()) section.refuse("dashboards", "expected one at least");
  read_composites(section, rules);
  for (const std::string& role : rules.web_only) {
    if (rules.dashboard(role) != nullptr)
      section.refuse("web_only", "expected no role that has a dashboard");
  }
  section.done();
  return rules;
}

}  // namespace landfall::profile
