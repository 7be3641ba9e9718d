#include "engine/sync/prepared_enqueue.hpp"

#include <string>
#include <utility>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

// Everything the caller said, so that the same id with anything else is told apart. As one JSON
// array: no two requests give the same text.
store::OperationHash hash_of(const EnqueueRequest& request) {
  Json parts =
      Json::array({request.entity.type, request.entity.id, request.action, request.payload});
  parts.push_back(request.base_version ? Json(*request.base_version) : Json());
  parts.push_back(request.supersedes ? Json(to_text(*request.supersedes)) : Json());
  parts.push_back(request.group_id ? Json(*request.group_id) : Json());
  parts.push_back(request.attestation ? Json(*request.attestation) : Json());
  const std::string text = parts.dump(-1, ' ', false, Json::error_handler_t::replace);
  store::OperationHash hash{};
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return hash;
}

Status check_entity_id(const EntityKey& entity) {
  if (entity.id.empty()) return invalid("entity_id", "an operation needs the id of its entity");
  if (entity.id.size() > limits::kEntityIdBytesMax)
    return invalid("entity_id", "the id is too long");
  if (entity.id == "." || entity.id == "..") {
    return invalid("entity_id", "the id could stand in no path");
  }
  return {};
}

tl::unexpected<Error> too_large(std::string message) {
  return failure(
      Error{ErrorClass::invalid, "operation.payload_too_large", std::move(message), "payload"});
}

Result<Json> parse_part(const std::string& text, std::string field, std::size_t bytes_max) {
  auto parsed = parse_json(text, {bytes_max, limits::kJsonDepthMax});
  const bool is_too_large = !parsed && parsed.error().code == "json.too_large";
  if (is_too_large && field == "payload") return too_large(parsed.error().message);
  if (!parsed) return invalid(std::move(field), parsed.error().message);
  if (!parsed->is_object()) return invalid(std::move(field), "expected an object");
  return parsed;
}

Status check_payload(const Profile& profile, const profile::Action& action, const Json& payload,
                     std::size_t payload_bytes) {
  const std::size_t bytes_max = profile.payload_bytes_max();
  if (payload_bytes > bytes_max) {
    return too_large("the text has " + std::to_string(payload_bytes) + " bytes, the limit is " +
                     std::to_string(bytes_max));
  }
  if (auto checked = profile::check_payload(action, payload); !checked) {
    return invalid(checked.error().field.value_or("payload"), checked.error().message);
  }
  return {};
}

// What the profile says of the action, and that the payload is one.
Result<const profile::Action*> check_request(const Profile& profile, const EnqueueRequest& request,
                                             const Result<const Json*>& payload) {
  if (profile.entity(request.entity.type) == nullptr) {
    return failure(Error{ErrorClass::invalid, "operation.unknown_type",
                         "the profile has no such entity type", "entity_type"});
  }
  const profile::Action* action = profile.action(request.entity.type, request.action);
  if (action == nullptr) {
    return failure(Error{ErrorClass::invalid, "operation.unknown_action",
                         "the entity type has no such action", "action"});
  }
  LANDFALL_TRY(check_entity_id(request.entity));
  LANDFALL_TRY_ASSIGN(const Json* tree, payload);
  LANDFALL_TRY(check_payload(profile, *action, *tree, request.payload.size()));
  if (request.attestation) {
    LANDFALL_TRY(parse_part(*request.attestation, "attestation", limits::kAttestationBytesMax));
  }
  if (request.group_id && request.group_id->size() > limits::kNameBytesMax) {
    return invalid("group_id", "the id is too long");
  }
  return action;
}

PreparedEnqueue prepare_with(const Profile& profile, EnqueueRequest request,
                             const Result<const Json*>& payload) {
  const store::OperationHash hash = hash_of(request);
  auto action = check_request(profile, request, payload);
  const bool may_be_renamed = profile.server_names(request.entity.type);
  return {std::move(request), hash, std::move(action), may_be_renamed, std::nullopt};
}

}  // namespace

tl::unexpected<Error> invalid(std::string field, std::string message) {
  return failure(
      Error{ErrorClass::invalid, "operation.invalid", std::move(message), std::move(field)});
}

bool wants_attestor(const PreparedEnqueue& prepared) {
  return prepared.action && (*prepared.action)->attest == profile::Attest::signature;
}

PreparedEnqueue prepare(const Profile& profile, EnqueueRequest request, const Json& payload) {
  return prepare_with(profile, std::move(request), &payload);
}

PreparedEnqueue prepare(const Profile& profile, EnqueueRequest request) {
  const auto payload = parse_part(request.payload, "payload", profile.payload_bytes_max());
  if (!payload) return prepare_with(profile, std::move(request), failure(payload.error()));
  return prepare(profile, std::move(request), *payload);
}

}  // namespace landfall::sync
