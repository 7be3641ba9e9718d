#include "simulator/explore/draw_profile.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "schema/embedded.hpp"

namespace landfall::explore {
namespace {

using Json = nlohmann::json;

constexpr double kByEndpoint = 0.25;
constexpr double kCoalescing = 0.4;

bool can_deliver(const Json& profile, const std::string& action) {
  return profile.contains(Json::json_pointer("/endpoints/" + action)) &&
         profile.contains(Json::json_pointer("/entities/approval/actions/" + action));
}

}  // namespace

Json draw_profile(const Json& base, Random& random) {
  Json profile = base.is_string() ? Json::parse(*schema::profile(base.get<std::string>())) : base;
  bool is_changed = false;
  const Json::json_pointer update{"/entities/pr/actions/update"};
  if (random.chance(kCoalescing) && profile.contains(update)) {
    profile[update]["coalesce"] = "merge";
    is_changed = true;
  }
  for (const std::string action : {"approve", "reject"}) {
    if (!random.chance(kByEndpoint) || !can_deliver(profile, action)) continue;
    profile["entities"]["approval"]["actions"][action].update(
        {{"delivery", "endpoint"}, {"endpoint", action}});
    is_changed = true;
  }
  return is_changed ? profile : base;
}

}  // namespace landfall::explore
