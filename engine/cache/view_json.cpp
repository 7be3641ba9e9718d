#include "engine/cache/view_json.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace landfall::cache {
namespace {

Json operation_json(const sync::ViewOperation& operation) {
  Json json = {{"id", to_text(operation.id)},
               {"action", operation.action},
               {"state", to_string(operation.state)}};
  if (operation.block_reason != sync::BlockReason::none)
    json["block_reason"] = to_string(operation.block_reason);
  return json;
}

}  // namespace

Json to_json(const sync::View& view) {
  Json operations = Json::array();
  for (const auto& operation : view.operations) operations.push_back(operation_json(operation));
  Json json = {{"entity_type", view.entity.type},
               {"entity_id", view.entity.id},
               {"row_version", nullptr},
               {"updated_at", nullptr},
               {"data", Json::parse(view.data, nullptr, false)},
               {"pending_sync", view.pending_sync},
               {"operations", std::move(operations)}};
  if (view.row_version) json["row_version"] = *view.row_version;
  if (view.updated_at) json["updated_at"] = format_rfc3339(*view.updated_at);
  return json;
}

}  // namespace landfall::cache
