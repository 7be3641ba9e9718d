#include "engine/sync/delivery.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/base/time.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using profile::Delivery;

std::string json_text(std::string_view text) { return dump_json(Json(text)); }

std::string operations_text(const std::vector<Outgoing>& operations, bool with_attestations) {
  std::string text = "[";
  for (const Outgoing& outgoing : operations) {
    if (text.size() > 1) text += ',';
    if (with_attestations) {
      text += wire_operation(outgoing);
    } else {
      text += wire_operation({outgoing.operation, outgoing.id, {outgoing.content.payload, {}}});
    }
  }
  return text + "]";
}

// The members that the endpoint's template adds to a body, each as `,"name":value`.
Result<Json> template_of(const profile::Endpoint& endpoint, std::string_view device_id,
                         const std::vector<Outgoing>& operations) {
  if (!endpoint.body) return Json(Json::object());
  Json ids = Json::array();
  for (const Outgoing& outgoing : operations) ids.push_back(outgoing.operation.entity.id);
  return profile::fill_json(*endpoint.body, Json{{"device_id", device_id},
                                                 {"id", operations.front().operation.entity.id},
                                                 {"entity_ids", std::move(ids)}});
}

Result<std::string> group_body(const profile::Endpoint& endpoint, std::string_view device_id,
                               const std::vector<Outgoing>& operations) {
  LANDFALL_TRY_ASSIGN(const Json added, template_of(endpoint, device_id, operations));
  std::string body = "{\"device_id\":" + json_text(device_id);
  for (const auto& item : added.items()) {
    if (item.key() == "device_id") continue;
    body += "," + json_text(item.key()) + ":" + dump_json(item.value());
  }
  const auto& attestation = operations.front().content.attestation;
  const bool is_common = std::all_of(
      operations.begin(), operations.end(),
      [&](const Outgoing& outgoing) { return outgoing.content.attestation == attestation; });
  body += ",\"operations\":" + operations_text(operations, !is_common);
  if (is_common && attestation) body += ",\"attestation\":" + *attestation;
  return body + "}";
}

Result<std::string> endpoint_body(const profile::Endpoint& endpoint, std::string_view device_id,
                                  const std::vector<Outgoing>& operations) {
  const store::OperationContent& content = operations.front().content;
  if (!endpoint.body && !content.attestation) return content.payload;
  LANDFALL_TRY_ASSIGN(
      Json body, parse_json(content.payload, {limits::kPayloadBytesMax, limits::kJsonDepthMax}));
  if (content.attestation) {
    LANDFALL_TRY_ASSIGN(body["attestation"],
                        parse_json(*content.attestation,
                                   {limits::kOperationEnvelopeBytesMax, limits::kJsonDepthMax}));
  }
  LANDFALL_TRY_ASSIGN(const Json added, template_of(endpoint, device_id, operations));
  body.update(added);
  return dump_json(body);
}

std::string batch_body(std::string_view device_id, const std::vector<Outgoing>& operations) {
  return "{\"device_id\":" + json_text(device_id) +
         ",\"operations\":" + operations_text(operations, true) + "}";
}

}  // namespace

Way way_of(const Profile& profile, const Operation& operation) {
  const profile::Action* action = profile.action(operation.entity.type, operation.action);
  if (action == nullptr || action->delivery == Delivery::batch) return {};
  if (action->delivery == Delivery::group) {
    if (!operation.group_id) return {};
    return {Delivery::group, action->endpoint, operation.group_id};
  }
  return {Delivery::endpoint, action->endpoint, std::nullopt};
}

std::string target_of(const Way& way, const EntityKey& entity) {
  if (way.delivery != Delivery::endpoint) return way.endpoint;
  return way.endpoint + "/" + entity.id;
}

bool has_endpoint_delivery(const Profile& profile) {
  return std::any_of(profile.entities.begin(), profile.entities.end(), [](const auto& entity) {
    const auto& actions = entity.second.actions;
    return std::any_of(actions.begin(), actions.end(), [](const auto& action) {
      return action.second.delivery == Delivery::endpoint;
    });
  });
}

std::string wire_operation(const Outgoing& outgoing) {
  const Operation& operation = outgoing.operation;
  LANDFALL_ASSERT(!(operation.after && operation.base_version));
  std::string text = "{\"id\":\"" + to_text(outgoing.id) + "\"";
  text += ",\"entity_type\":" + json_text(operation.entity.type);
  text += ",\"entity_id\":" + json_text(operation.entity.id);
  text += ",\"action\":" + json_text(operation.action);
  text += ",\"schema\":" + std::to_string(operation.schema);
  if (operation.after) text += ",\"after\":\"" + to_text(*operation.after) + "\"";
  if (operation.base_version)
    text += ",\"base_version\":" + std::to_string(*operation.base_version);
  text += ",\"created_at\":\"" + format_rfc3339(operation.created_at) + "\"";
  text += ",\"payload\":" + outgoing.content.payload;
  if (operation.group_id) text += ",\"group_id\":" + json_text(*operation.group_id);
  if (outgoing.content.attestation) text += ",\"attestation\":" + *outgoing.content.attestation;
  return text + "}";
}

std::int64_t wire_bytes_max(const Operation& operation, const store::OperationContent& content) {
  Operation longest = operation;
  longest.after = operation.id;  // an id is longer than any version
  longest.base_version.reset();
  return static_cast<std::int64_t>(wire_operation({longest, longest.id, content}).size()) + 1;
}

Result<http::ApiCall> call_of(const Profile& profile, const Way& way, std::string_view device_id,
                              const std::vector<Outgoing>& operations) {
  LANDFALL_ASSERT(!operations.empty());
  http::ApiCall call{way.endpoint, {}, {}, {}};
  if (way.delivery == Delivery::batch) {
    call.body = batch_body(device_id, operations);
    return call;
  }
  const profile::Endpoint* endpoint = profile.endpoint(way.endpoint);
  LANDFALL_ASSERT(endpoint != nullptr);  // checked when the profile was loaded
  if (way.delivery == Delivery::group) {
    LANDFALL_TRY_ASSIGN(call.body, group_body(*endpoint, device_id, operations));
    return call;
  }
  LANDFALL_ASSERT(operations.size() == 1);
  const Outgoing& only = operations.front();
  call.variables.emplace("id", only.operation.entity.id);
  call.headers.emplace_back("Idempotency-Key", to_text(only.id));
  if (only.operation.base_version) {
    call.headers.emplace_back("If-Match",
                              "\"" + std::to_string(*only.operation.base_version) + "\"");
  }
  LANDFALL_TRY_ASSIGN(call.body, endpoint_body(*endpoint, device_id, operations));
  return call;
}

}  // namespace landfall::sync
