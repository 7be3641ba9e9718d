#include "engine/host/routing_json.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/profile/profile.hpp"

namespace landfall::host {

Json routing_json(const Profile& profile, const routing::Decision& decision) {
  Json dashboards = Json::array();
  for (const auto& dashboard : decision.dashboards) {
    dashboards.push_back({{"role", dashboard.role},
                          {"route", dashboard.route},
                          {"name", dashboard.name},
                          {"description", dashboard.description},
                          {"icon", dashboard.icon}});
  }
  Json json{{"route", decision.route},
            {"why", routing::to_string(decision.why)},
            {"dashboards", std::move(dashboards)},
            {"active_role", decision.active_role}};
  if (decision.logs_out) json["message"] = profile.message("routing.web_only");
  return json;
}

}  // namespace landfall::host
