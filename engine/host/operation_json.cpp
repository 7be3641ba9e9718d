#include "engine/host/operation_json.hpp"

#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json_string.hpp"
#include "engine/host/outgoing.hpp"
#include "schema/limits.hpp"

namespace landfall::host {
namespace {

tl::unexpected<Error> bad_value(std::string_view key, std::string expected) {
  return failure(field_error("field.value", "params", key, "must be " + std::move(expected)));
}

Result<OperationId> id_at(const Json& params, std::string_view key) {
  LANDFALL_TRY_ASSIGN(const std::string text, string_at(params, key, "params"));
  const auto id = parse_id<OperationId>(text);
  if (!id) return bad_value(key, "a UUID");
  return *id;
}

Result<std::string> name_at(const Json& params, std::string_view key, std::size_t bytes_max) {
  LANDFALL_TRY_ASSIGN(std::string text, string_at(params, key, "params"));
  if (text.empty() || text.size() > bytes_max) {
    return bad_value(key, "1 to " + std::to_string(bytes_max) + " bytes long");
  }
  return text;
}

}  // namespace

Result<OperationId> parse_operation_id(const Json& params) { return id_at(params, "id"); }

Result<sync::EnqueueRequest> parse_enqueue(const Json& params) {
  sync::EnqueueRequest request;
  LANDFALL_TRY_ASSIGN(request.id, id_at(params, "id"));
  LANDFALL_TRY_ASSIGN(request.entity.type, name_at(params, "entity_type", limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(request.entity.id, name_at(params, "entity_id", limits::kEntityIdBytesMax));
  LANDFALL_TRY_ASSIGN(request.action, name_at(params, "action", limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(const Json* payload, object_at(params, "payload", "params"));
  request.payload = dump_json(*payload);
  LANDFALL_TRY_ASSIGN(request.base_version, optional_integer_at(params, "base_version", "params"));
  if (request.base_version && *request.base_version < 1)
    return bad_value("base_version", "positive");
  if (params.contains("supersedes")) {
    LANDFALL_TRY_ASSIGN(request.supersedes, id_at(params, "supersedes"));
  }
  LANDFALL_TRY_ASSIGN(request.group_id, optional_string_at(params, "group_id", "params"));
  if (params.contains("attestation")) {
    LANDFALL_TRY_ASSIGN(const Json* attestation, object_at(params, "attestation", "params"));
    request.attestation = dump_json(*attestation);
  }
  return request;
}

Json operation_json(const sync::Operation& operation) {
  Json json{{"id", to_text(operation.id)},
            {"seq", operation.seq},
            {"entity_type", operation.entity.type},
            {"entity_id", operation.entity.id},
            {"action", operation.action},
            {"state", sync::to_string(operation.state)},
            {"effect", sync::to_string(operation.effect)},
            {"attempts", operation.attempts},
            {"created_at", format_rfc3339(operation.created_at)}};
  if (operation.block_reason != sync::BlockReason::none) {
    json["block_reason"] = sync::to_string(operation.block_reason);
  }
  if (operation.after) json["after"] = to_text(*operation.after);
  if (operation.base_version) json["base_version"] = *operation.base_version;
  if (operation.supersedes) json["supersedes"] = to_text(*operation.supersedes);
  if (!operation.cause.empty()) json["cause"] = operation.cause;
  if (operation.settled_at.unix_ms != 0) json["settled_at"] = format_rfc3339(operation.settled_at);
  if (operation.result_version) json["result_version"] = *operation.result_version;
  return json;
}

// Ids that the server gave meanwhile may have made the text longer than one that is accepted.
Json operation_json(const sync::Operation& operation, const std::string& payload) {
  auto parsed = parse_json(payload, {payload.size(), limits::kJsonDepthMax});
  LANDFALL_ASSERT(parsed && parsed->is_object());  // checked when it was accepted
  Json json = operation_json(operation);
  json["payload"] = std::move(*parsed);
  return json;
}

Json operation_list_json(const sync::OperationPage& page) {
  Json list = Json::array();
  const bool has_payloads = !page.payloads.empty();
  for (std::size_t i = 0; i < page.operations.size(); ++i) {
    list.push_back(has_payloads ? operation_json(page.operations[i], page.payloads[i])
                                : operation_json(page.operations[i]));
  }
  Json reply{{"operations", std::move(list)}};
  if (page.has_more) reply["next"] = page.operations.back().seq;
  return reply;
}

Json explanation_json(const sync::Explanation& explanation) {
  Json json{{"operation", operation_json(explanation.operation, explanation.payload)},
            {"causes", explanation.causes},
            {"would_help", explanation.would_help}};
  if (explanation.next_attempt_at)
    json["next_attempt_at"] = format_rfc3339(*explanation.next_attempt_at);
  return json;
}

Json notice_json(const sync::Notice& notice) {
  return Json{{"notice", notice.seq},
              {"operation", to_text(notice.operation)},
              {"kind", notice.kind},
              {"code", notice.code},
              {"created_at", format_rfc3339(notice.created_at)}};
}

// With the words of the apps: what waits is pending, what is on its way is processing, what needs
// its user is failed (P-30).
Json counts_json(const sync::OutboxCounts& counts) {
  return Json{{"pending", counts.queued + counts.unknown + counts.blocked},
              {"processing", counts.sending},
              {"failed", counts.failed + counts.rejected + counts.conflicts},
              {"spent", counts.failed},
              {"rejected", counts.rejected},
              {"conflicts", counts.conflicts},
              {"queued", counts.queued},
              {"unknown", counts.unknown},
              {"blocked", counts.blocked},
              {"bytes", counts.bytes},
              {"free", room_json(counts.free)}};
}

Json accepted_json(const sync::Accepted& accepted, std::uint64_t commit_seq) {
  Json json{{"id", to_text(accepted.id)},
            {"seq", accepted.seq},
            {"state", sync::to_string(accepted.state)},
            {"repeated", accepted.repeated},
            {"commit_seq", commit_seq}};
  if (accepted.supersedes) json["supersedes"] = to_text(*accepted.supersedes);
  return json;
}

std::string accepted_text(const sync::Accepted& accepted, std::uint64_t commit_seq) {
  std::string text = "{\"commit_seq\":" + std::to_string(commit_seq);
  text += ",\"id\":\"" + to_text(accepted.id);
  text += accepted.repeated ? "\",\"repeated\":true" : "\",\"repeated\":false";
  text += ",\"seq\":" + std::to_string(accepted.seq);
  text += ",\"state\":\"";
  text += sync::to_string(accepted.state);
  if (accepted.supersedes) text += "\",\"supersedes\":\"" + to_text(*accepted.supersedes);
  return text + "\"}";
}

// Members stand in the order of their names, as in every text of a tree: there are two of these for
// each operation that is sent, and a tree costs as much as a row.
std::string operation_changed_text(const sync::OperationChange& change) {
  std::string text = "{\"data\":{\"attempts\":" + std::to_string(change.attempts);
  if (change.block_reason != sync::BlockReason::none) {
    text += ",\"block_reason\":";
    append_json_string(text, sync::to_string(change.block_reason));
  }
  text += ",\"entity_id\":";
  append_json_string(text, change.entity.id);
  text += ",\"entity_type\":";
  append_json_string(text, change.entity.type);
  text += ",\"id\":\"" + to_text(change.id) + "\",\"state\":";
  append_json_string(text, sync::to_string(change.state));
  return text + "},\"event\":\"operation.changed\"}";
}

}  // namespace landfall::host
