#include "engine/sync/push_results.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/sync/document.hpp"
#include "engine/sync/foreign_document.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

enum class Source { push, receipts };

Error makes_no_sense(std::string_view path, std::string_view key, std::string message) {
  Error error = field_error("push.makes_no_sense", path, key, std::move(message));
  error.kind = ErrorClass::transient;
  return error;
}

Result<ResultStatus> status_of(const Json& item, Source source, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const std::string text, string_at(item, "status", path));
  if (text == "applied") return ResultStatus::applied;
  if (text == "conflict") return ResultStatus::conflict;
  if (text == "rejected") return ResultStatus::rejected;
  if (text == "retry" && source == Source::push) return ResultStatus::retry;
  if (text == "unseen" && source == Source::receipts) return ResultStatus::unseen;
  return failure(makes_no_sense(path, "status", "a status that the contract does not know"));
}

bool is_present(const Json& item, std::string_view key) {
  const auto found = item.find(key);
  return found != item.end() && !found->is_null();
}

Status read_entity(const Json& item, std::string_view path, OperationResult& result) {
  if (!is_present(item, "entity")) return {};
  LANDFALL_TRY_ASSIGN(const Json* entity, object_at(item, "entity", path));
  const std::string below = path.empty() ? "entity" : std::string(path) + ".entity";
  LANDFALL_TRY_ASSIGN(const std::int64_t row_version, integer_at(*entity, "row_version", below));
  if (row_version < 1) return failure(makes_no_sense(below, "row_version", "is no version"));
  LANDFALL_TRY_ASSIGN(result.entity_type, optional_string_at(*entity, "entity_type", below));
  LANDFALL_TRY_ASSIGN(result.entity_id, optional_string_at(*entity, "entity_id", below));
  result.entity = dump_json(*entity);
  result.row_version = row_version;
  return {};
}

Status read_reasons(const Json& item, std::string_view path, OperationResult& result) {
  LANDFALL_TRY_ASSIGN(const auto reason, optional_string_at(item, "reason", path));
  LANDFALL_TRY_ASSIGN(result.retry_after_s, optional_integer_at(item, "retry_after_s", path));
  result.code = clean_code(reason.value_or(""));
  result.after_failed = result.status == ResultStatus::retry && result.code == "after_failed";
  if (!is_present(item, "error")) return {};
  LANDFALL_TRY_ASSIGN(const Json* error, object_at(item, "error", path));
  LANDFALL_TRY_ASSIGN(const auto code, optional_string_at(*error, "code", path));
  if (code) result.code = clean_code(*code);
  return {};
}

Status read_assigned_id(const Json& item, std::string_view path, OperationResult& result) {
  LANDFALL_TRY_ASSIGN(result.assigned_id, optional_string_at(item, "assigned_id", path));
  const auto& id = result.assigned_id;
  if (!id) return {};
  if (id->empty() || id->size() > limits::kEntityIdBytesMax || *id == "." || *id == "..")
    return failure(makes_no_sense(path, "assigned_id", "no id of an entity"));
  return {};
}

Result<OperationResult> read_result(const Json& item, Source source, std::string_view path) {
  OperationResult result;
  LANDFALL_TRY_ASSIGN(result.status, status_of(item, source, path));
  LANDFALL_TRY(read_entity(item, path, result));
  LANDFALL_TRY(read_reasons(item, path, result));
  LANDFALL_TRY(read_assigned_id(item, path, result));
  result.verdict = dump_json(item);
  return result;
}

Result<OperationResults> parse(std::string_view body, const std::vector<OperationId>& asked,
                               std::string_view list, Source source) {
  LANDFALL_TRY(check_value_count(body, limits::kSyncResponseValuesMax));
  LANDFALL_TRY_ASSIGN(const Json root,
                      parse_json(body, {limits::kSyncResponseBytesMax, limits::kJsonDepthMax}));
  if (!root.is_object()) return failure(makes_no_sense("", list, "the answer is no object"));
  LANDFALL_TRY_ASSIGN(const Json* items, array_at(root, list));
  OperationResults results;
  std::size_t index = 0;
  for (const Json& item : *items) {
    const std::string path = std::string(list) + "[" + std::to_string(index++) + "]";
    if (!item.is_object()) return failure(makes_no_sense(path, "", "a result is no object"));
    LANDFALL_TRY_ASSIGN(const std::string text, string_at(item, "id", path));
    const auto id = parse_id<OperationId>(text);
    if (!id || std::find(asked.begin(), asked.end(), *id) == asked.end()) continue;
    LANDFALL_TRY_ASSIGN(OperationResult result, read_result(item, source, path));
    results.emplace(*id, std::move(result));
  }
  return results;
}

// What is no document might be shown as one by whoever reads it more kindly.
bool holds_foreign(const OperationResult& result, const Profile& profile,
                   const DocumentOwner& owner) {
  if (!result.entity || !result.entity_type || !says_whose(profile, *result.entity_type))
    return false;
  const auto entity = parse_json(*result.entity, {result.entity->size(), limits::kJsonDepthMax});
  const auto document = entity ? parse_document(*entity, "entity") : failure(entity.error());
  return !document || is_foreign(profile, owner, *document);
}

}  // namespace

std::optional<std::string> entity_of_verdict(std::string_view verdict) {
  const auto parsed = parse_json(verdict, {limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
  if (!parsed || !parsed->is_object() || !is_present(*parsed, "entity")) return std::nullopt;
  return dump_json((*parsed)["entity"]);
}

std::string clean_code(std::string_view text) {
  std::string code;
  for (const char c : text.substr(0, limits::kNameBytesMax)) {
    if (c > ' ' && c < '\x7f') code += c;
  }
  return code;
}

bool may_belong_to(const OperationResult& result, const Profile& profile,
                   const Operation& operation) {
  if (result.entity_type && *result.entity_type != operation.entity.type) return false;
  if (!result.entity_id || *result.entity_id == operation.entity.id) return true;
  if (result.assigned_id) return *result.entity_id == *result.assigned_id;
  const profile::Action* action = profile.action(operation.entity.type, operation.action);
  const bool creates = action != nullptr && action->kind == profile::ActionKind::create;
  return creates && profile.server_names(operation.entity.type);
}

std::optional<Error> leave_out_foreign(OperationResults& results, const Profile& profile,
                                       const DocumentOwner& owner) {
  std::optional<Error> foreign;
  for (auto& [id, result] : results) {
    if (!holds_foreign(result, profile, owner)) continue;
    if (!foreign) foreign = foreign_document(*result.entity_type);
    // It was written from a tree with such a member.
    auto verdict = parse_json(result.verdict, {result.verdict.size(), limits::kJsonDepthMax});
    LANDFALL_ASSERT(verdict.has_value());
    verdict->erase("entity");
    result.verdict = dump_json(*verdict);
    result.entity.reset();
    result.row_version.reset();
  }
  return foreign;
}

Result<OperationResults> parse_push_results(std::string_view body,
                                            const std::vector<OperationId>& asked) {
  return parse(body, asked, "results", Source::push);
}

Result<OperationResults> parse_endpoint_reply(const profile::Endpoint& endpoint,
                                              std::string_view body, const OperationId& operation) {
  Json verdict{{"id", to_text(operation)}, {"status", "applied"}};
  const bool names_entity = endpoint.reply.contains("entity");
  if (!body.empty() || names_entity) {
    LANDFALL_TRY_ASSIGN(const Json reply,
                        parse_json(body, {limits::kSyncResponseBytesMax, limits::kJsonDepthMax}));
    if (!reply.is_object()) return failure(makes_no_sense("", "", "the answer is no object"));
    for (const char* name : {"entity", "assigned_id"}) {
      if (const Json* value = profile::reply_value(reply, endpoint, name)) verdict[name] = *value;
    }
  }
  LANDFALL_TRY_ASSIGN(OperationResult result, read_result(verdict, Source::push, ""));
  if (names_entity && !result.entity)
    return failure(makes_no_sense("", "entity", "the document that the profile names is missing"));
  return OperationResults{{operation, std::move(result)}};
}

std::optional<OperationResults> parse_endpoint_error(const profile::ErrorShape& errors,
                                                     std::string_view body,
                                                     const OperationId& operation) {
  if (errors.details.empty()) return std::nullopt;
  const auto parsed = parse_json(body, {limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
  if (!parsed) return std::nullopt;
  const Json* details = profile::reply_value(*parsed, errors.details);
  if (details == nullptr || !details->is_object()) return std::nullopt;
  const auto id = string_at(*details, "id");
  if (!id || parse_id<OperationId>(*id) != operation) return std::nullopt;
  auto result = read_result(*details, Source::push, "");
  if (!result || result->status == ResultStatus::retry) return std::nullopt;
  return OperationResults{{operation, std::move(*result)}};
}

Result<OperationResults> parse_receipts(std::string_view body,
                                        const std::vector<OperationId>& asked) {
  return parse(body, asked, "receipts", Source::receipts);
}

}  // namespace landfall::sync
