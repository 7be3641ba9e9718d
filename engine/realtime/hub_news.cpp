#include "engine/realtime/hub_news.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace landfall::realtime {

HubNews news_in(HubCall call) {
  if (call.target == "PermissionsUpdated") return ChangedRights{std::move(call.arguments)};
  if (call.target != "DataChanged") return {};
  auto changed = parse_data_changed(call.arguments);
  if (!changed) return {};
  return std::move(*changed);
}

}  // namespace landfall::realtime
