#include "engine/sync/prepared_enqueue.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sodium.h>
#include <nlohmann/json.hpp>

#include "engine/attest/acceptance.hpp"
#include "engine/base/assert.hpp"
#include "engine/base/json_string.hpp"
#include "engine/base/json_text.hpp"
#include "engine/profile/payload_text.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

// Everything the caller said, so that the same id with anything else is told apart. As one JSON
// array: no two requests give the same text.
store::OperationHash hash_of(const EnqueueRequest& request) {
  std::string text;
  text.reserve(2 * request.payload.size());
  const auto add = [&](std::string_view value) {
    text += text.empty() ? '[' : ',';
    append_json_string(text, value);
  };
  const auto add_optional = [&](const std::optional<std::string>& value) {
    if (value) return add(*value);
    text += ",null";
  };
  add(request.entity.type);
  add(request.entity.id);
  add(request.action);
  add(request.payload);
  text += ',';
  text += request.base_version ? std::to_string(*request.base_version) : "null";
  add_optional(request.supersedes ? std::optional(to_text(*request.supersedes)) : std::nullopt);
  add_optional(request.group_id);
  add_optional(request.attestation);
  text += ']';
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

Status check_size(const Profile& profile, std::size_t payload_bytes) {
  const std::size_t bytes_max = profile.payload_bytes_max();
  if (payload_bytes <= bytes_max) return {};
  return too_large("the text has " + std::to_string(payload_bytes) + " bytes, the limit is " +
                   std::to_string(bytes_max));
}

Status check_form(const profile::Action& action, const Json& payload) {
  if (auto checked = profile::check_payload(action, payload); !checked) {
    return invalid(checked.error().field.value_or("payload"), checked.error().message);
  }
  return {};
}

// What the profile says of the payload, however that was read.
using PayloadCheck = std::function<Status(const profile::Action& action)>;

// What the profile says of the action, and that the payload is one.
Result<const profile::Action*> check_request(const Profile& profile, const EnqueueRequest& request,
                                             const PayloadCheck& check_payload) {
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
  LANDFALL_TRY(check_payload(*action));
  if (request.attestation) {
    LANDFALL_TRY(parse_part(*request.attestation, "attestation", limits::kAttestationBytesMax));
  }
  if (request.group_id && request.group_id->size() > limits::kNameBytesMax) {
    return invalid("group_id", "the id is too long");
  }
  return action;
}

PreparedEnqueue prepare_with(const Profile& profile, EnqueueRequest request,
                             const PayloadCheck& check_payload) {
  const store::OperationHash hash = hash_of(request);
  auto action = check_request(profile, request, check_payload);
  const bool may_be_renamed = profile.server_names(request.entity.type);
  return {std::move(request), hash, std::move(action), may_be_renamed};
}

}  // namespace

tl::unexpected<Error> invalid(std::string field, std::string message) {
  return failure(
      Error{ErrorClass::invalid, "operation.invalid", std::move(message), std::move(field)});
}

bool wants_attestor(const PreparedEnqueue& prepared) {
  return prepared.action && (*prepared.action)->attest == profile::Attest::signature;
}

Status check_attestation(const Profile& profile, const PreparedEnqueue& prepared) {
  const profile::Attest attest = (*prepared.action)->attest;
  if (attest == profile::Attest::none) return {};
  const EnqueueRequest& request = prepared.request;
  const attest::Decision decision{request.id, request.entity, request.action, request.payload};
  if (attest == profile::Attest::flag) {
    const auto& rules = profile.attestation;
    return attest::may_accept_word(rules ? rules->fields : profile::AttestationFields{}, decision,
                                   request.attestation);
  }
  LANDFALL_ASSERT(profile.attestation);  // checked when the profile was loaded
  return attest::may_accept(*profile.attestation, decision, request.attestation, prepared.attestor);
}

PreparedEnqueue prepare(const Profile& profile, EnqueueRequest request, const Json& payload) {
  const std::size_t bytes = request.payload.size();
  return prepare_with(profile, std::move(request), [&](const profile::Action& action) -> Status {
    LANDFALL_TRY(check_size(profile, bytes));
    return check_form(action, payload);
  });
}

PreparedEnqueue prepare_text(const Profile& profile, EnqueueRequest request, JsonValue payload) {
  const std::size_t bytes = request.payload.size();
  return prepare_with(profile, std::move(request), [&](const profile::Action& action) -> Status {
    LANDFALL_TRY(check_size(profile, bytes));
    if (profile::fits(action, payload)) return {};
    return check_form(action, payload.tree());
  });
}

void seal_ahead(PreparedEnqueue& prepared, store::Sealer& outbox_key) {
  if (!prepared.action) return;
  prepared.sealed_payload =
      store::OperationTable::seal_ahead(outbox_key, prepared.request.id, prepared.request.payload);
}

PreparedEnqueue prepare(const Profile& profile, EnqueueRequest request) {
  const auto payload = parse_part(request.payload, "payload", profile.payload_bytes_max());
  if (payload) return prepare(profile, std::move(request), *payload);
  return prepare_with(profile, std::move(request),
                      [&](const profile::Action&) -> Status { return failure(payload.error()); });
}

}  // namespace landfall::sync
