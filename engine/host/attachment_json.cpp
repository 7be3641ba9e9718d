#include "engine/host/attachment_json.hpp"

#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>

#include "schema/limits.hpp"

namespace landfall::host {
namespace {

using attachments::Direction;
using attachments::Transfer;

tl::unexpected<Error> bad_value(std::string_view key, std::string expected) {
  return failure(field_error("field.value", "params", key, "must be " + std::move(expected)));
}

template <class Id>
Result<Id> id_at(const Json& params, std::string_view key) {
  LANDFALL_TRY_ASSIGN(const std::string text, string_at(params, key, "params"));
  const auto id = parse_id<Id>(text);
  if (!id) return bad_value(key, "a UUID");
  return *id;
}

void name_what_it_belongs_to(Json& json, const Transfer& transfer) {
  if (transfer.operation) json["operation"] = to_text(*transfer.operation);
  if (!transfer.entity.type.empty()) {
    json["entity_type"] = transfer.entity.type;
    json["entity_id"] = transfer.entity.id;
  }
  if (transfer.direction == Direction::up) return;
  json["kind"] = transfer.source;
  json["source"] = transfer.source_id;
}

}  // namespace

Result<AttachmentId> parse_attachment_id(const Json& params) {
  return id_at<AttachmentId>(params, "id");
}

Result<attachments::AddRequest> parse_add_attachment(const Json& params) {
  attachments::AddRequest request;
  LANDFALL_TRY_ASSIGN(request.id, id_at<AttachmentId>(params, "id"));
  LANDFALL_TRY_ASSIGN(request.operation, id_at<OperationId>(params, "operation"));
  LANDFALL_TRY_ASSIGN(request.content_type, string_at(params, "content_type", "params"));
  return request;
}

Result<attachments::DownloadRequest> parse_start_download(const Json& params) {
  attachments::DownloadRequest request;
  LANDFALL_TRY_ASSIGN(request.id, id_at<AttachmentId>(params, "id"));
  LANDFALL_TRY_ASSIGN(request.source, string_at(params, "kind", "params"));
  LANDFALL_TRY_ASSIGN(request.source_id, string_at(params, "source", "params"));
  request.entity = {params.value("entity_type", ""), params.value("entity_id", "")};
  if (request.entity.type.empty() != request.entity.id.empty())
    return bad_value("entity_id", "named together with entity_type");
  if (!params.contains("sha256")) return request;
  LANDFALL_TRY_ASSIGN(const std::string hash, string_at(params, "sha256", "params"));
  request.sha256 = attachments::hash_from_hex(hash);
  if (!request.sha256) return bad_value("sha256", "64 hex digits");
  return request;
}

Result<std::string> parse_path(const Json& params, const std::string& outside) {
  LANDFALL_TRY_ASSIGN(std::string path, string_at(params, "path", "params"));
  const bool is_absolute = path.starts_with('/') && path.find('\0') == std::string::npos;
  if (!is_absolute || path.size() > limits::kDirectoryBytesMax)
    return bad_value("path", "an absolute path");
  if (outside.empty()) return path;
  const auto own = std::filesystem::path(outside + "/").lexically_normal().string();
  const auto wanted = std::filesystem::path(path).lexically_normal().string();
  if (wanted.starts_with(own)) return bad_value("path", "outside of the engine's directory");
  return path;
}

Json attachment_json(const attachments::TransferView& view) {
  const Transfer& transfer = view.transfer;
  Json json{{"id", to_text(transfer.id)},
            {"seq", transfer.seq},
            {"direction", attachments::to_string(transfer.direction)},
            {"state",
             view.is_moving ? std::string_view("moving") : attachments::to_string(transfer.state)},
            {"content_type", transfer.content_type},
            {"bytes", nullptr},
            {"bytes_done", transfer.confirmed},
            {"attempts", transfer.attempts},
            {"kept", transfer.has_file},
            {"would_help", view.would_help},
            {"created_at", format_rfc3339(transfer.created_at)}};
  if (transfer.bytes > 0) json["bytes"] = transfer.bytes;
  if (transfer.sha256) json["sha256"] = attachments::to_hex(*transfer.sha256);
  name_what_it_belongs_to(json, transfer);
  if (transfer.block != attachments::Block::none)
    json["block_reason"] = attachments::to_string(transfer.block);
  if (!transfer.cause.empty()) json["cause"] = transfer.cause;
  if (transfer.due_at.unix_ms != 0) json["next_attempt_at"] = format_rfc3339(transfer.due_at);
  if (transfer.settled_at.unix_ms != 0) json["settled_at"] = format_rfc3339(transfer.settled_at);
  return json;
}

}  // namespace landfall::host
