#include "engine/sync/pull_page.hpp"

#include "engine/base/json.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace landfall::sync {
namespace {

// One version of an entity is one state of it: an answer that tells two is no answer.
Status check_consistent(const std::vector<Document>& changes) {
  std::map<std::pair<EntityKey, std::int64_t>, const Document*> seen;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Document& document = changes[i];
    const auto [known, is_new] =
        seen.try_emplace({document.entity, document.row_version}, &document);
    if (is_new) continue;
    const Document& other = *known->second;
    if (other.deleted != document.deleted || other.data != document.data) {
      return failure(field_error("field.value", "changes." + std::to_string(i), "row_version",
                                 "was said of another state of the same entity"));
    }
  }
  return {};
}

Result<std::vector<Document>> parse_changes(const Json& reply, VersionZero zero) {
  LANDFALL_TRY_ASSIGN(const Json* items, array_at(reply, "changes"));
  LANDFALL_TRY_ASSIGN(auto changes, parse_documents(*items, "changes", zero));
  LANDFALL_TRY(check_consistent(changes));
  return changes;
}

Result<std::string> cursor_at(const Json& reply) {
  LANDFALL_TRY_ASSIGN(std::string cursor, string_at(reply, "cursor"));
  if (cursor.empty() || cursor.size() > limits::kCursorBytesMax) {
    return failure(field_error("field.range", "", "cursor",
                               "expected 1 to " + std::to_string(limits::kCursorBytesMax) +
                                   " bytes, got " + std::to_string(cursor.size())));
  }
  return cursor;
}

Result<PullPage> read_page(std::string_view body, std::string_view scope) {
  LANDFALL_TRY_ASSIGN(const Json reply, parse_answer(body));
  LANDFALL_TRY_ASSIGN(const std::string echoed, string_at(reply, "scope"));
  if (echoed != scope) {
    return failure(field_error("field.value", "", "scope", "is not the scope that was asked for"));
  }
  PullPage page;
  LANDFALL_TRY_ASSIGN(page.cursor, cursor_at(reply));
  LANDFALL_TRY_ASSIGN(page.has_more, bool_at(reply, "has_more"));
  LANDFALL_TRY_ASSIGN(page.changes, parse_changes(reply, VersionZero::refused));
  return page;
}

// `unchanged` holds ids without their types, so an id stands for each entity asked for that has it.
Result<std::set<std::string>> unchanged_ids(const Json& reply) {
  LANDFALL_TRY_ASSIGN(const Json* items, array_at(reply, "unchanged"));
  std::set<std::string> ids;
  for (const Json& item : *items) {
    if (!item.is_string())
      return failure(field_error("field.type", "", "unchanged", "expected a list of ids"));
    ids.insert(item.get<std::string>());
  }
  return ids;
}

Result<RefreshAnswer> read_refresh(std::string_view body, const std::vector<KnownDocument>& asked) {
  LANDFALL_TRY_ASSIGN(const Json reply, parse_answer(body));
  RefreshAnswer answer;
  LANDFALL_TRY_ASSIGN(answer.changes, parse_changes(reply, VersionZero::of_what_never_was));
  LANDFALL_TRY_ASSIGN(const std::set<std::string> unchanged, unchanged_ids(reply));
  std::set<EntityKey> changed;
  for (const Document& document : answer.changes) changed.insert(document.entity);
  std::set<EntityKey> known;
  for (const KnownDocument& document : asked) {
    known.insert(document.entity);
    if (changed.contains(document.entity)) continue;
    (unchanged.contains(document.entity.id) ? answer.unchanged : answer.unnamed)
        .push_back(document.entity);
  }
  if (!std::includes(known.begin(), known.end(), changed.begin(), changed.end())) {
    return failure(
        field_error("field.value", "", "changes", "holds a document that was not asked for"));
  }
  return answer;
}

}  // namespace

Error answer_invalid(Error error) {
  error.kind = ErrorClass::transient;
  error.message = error.code + ": " + error.message;
  error.code = "pull.answer_invalid";
  return error;
}

Result<Json> parse_answer(std::string_view body) {
  LANDFALL_TRY(check_value_count(body, limits::kSyncResponseValuesMax));
  LANDFALL_TRY_ASSIGN(Json reply, parse_json(body, JsonLimits{limits::kSyncResponseBytesMax,
                                                              limits::kJsonDepthMax}));
  if (!reply.is_object()) {
    return failure(Error{ErrorClass::invalid, "field.type",
                         "expected an object, got " + std::string{reply.type_name()}});
  }
  return reply;
}

Result<std::vector<Document>> parse_documents(const Json& items, std::string_view path,
                                              VersionZero zero) {
  if (items.size() > limits::kPullPageMax) {
    return failure(
        field_error("field.range", "", path,
                    "expected at most " + std::to_string(limits::kPullPageMax) + " items"));
  }
  std::vector<Document> documents;
  documents.reserve(items.size());
  for (const Json& item : items) {
    LANDFALL_TRY_ASSIGN(
        Document document,
        parse_document(item, std::string{path} + "." + std::to_string(documents.size()), zero));
    documents.push_back(std::move(document));
  }
  return documents;
}

std::string page_body(std::string_view device_id, std::string_view scope,
                      const std::optional<std::string>& cursor, std::size_t limit) {
  Json body = {{"device_id", device_id}, {"scope", scope}, {"cursor", nullptr}, {"limit", limit}};
  if (cursor) body["cursor"] = *cursor;
  return dump_json(body);
}

std::string refresh_body(std::string_view device_id, const std::vector<KnownDocument>& documents) {
  Json list = Json::array();
  for (const KnownDocument& document : documents) {
    Json item = {{"entity_type", document.entity.type},
                 {"entity_id", document.entity.id},
                 {"row_version", nullptr}};
    if (document.row_version) item["row_version"] = *document.row_version;
    list.push_back(std::move(item));
  }
  return dump_json(Json{{"device_id", device_id}, {"refresh", std::move(list)}});
}

Result<PullPage> parse_page(std::string_view body, std::string_view scope) {
  auto page = read_page(body, scope);
  if (!page) return failure(answer_invalid(std::move(page.error())));
  return page;
}

Result<RefreshAnswer> parse_refresh(std::string_view body,
                                    const std::vector<KnownDocument>& asked) {
  auto answer = read_refresh(body, asked);
  if (!answer) return failure(answer_invalid(std::move(answer.error())));
  return answer;
}

}  // namespace landfall::sync
