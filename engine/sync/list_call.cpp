#include "engine/sync/list_call.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/sync/pull_page.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

http::ApiCall query_call(std::string_view device_id, const ListQuestion& question) {
  Json query = {{"entity_type", question.type}, {"after", nullptr}, {"filter", Json::object()}};
  // It was parsed once and printed by us.
  if (!question.filter.empty()) query["filter"] = Json::parse(question.filter, nullptr, false);
  if (!question.text.empty()) query["text"] = question.text;
  if (question.after) query["after"] = *question.after;
  if (question.limit > 0) query["limit"] = question.limit;
  return {"pull", {}, {}, dump_json(Json{{"device_id", device_id}, {"query", std::move(query)}})};
}

http::ApiCall read_call(const profile::CachedRead& read, const ListQuestion& question) {
  http::ApiCall call{read.endpoint, {}, {}, {}};
  if (question.after) call.query.emplace_back("after", *question.after);
  if (question.limit > 0) call.query.emplace_back("limit", std::to_string(question.limit));
  return call;
}

// The value at a dotted path that is there.
Json& value_at(Json& reply, std::string_view dotted_path) {
  const std::size_t dot = dotted_path.find('.');
  Json& member = reply[std::string{dotted_path.substr(0, dot)}];
  return dot == std::string_view::npos ? member : value_at(member, dotted_path.substr(dot + 1));
}

Result<std::vector<Document>> documents_of(const Json& items, const std::string& type,
                                           std::string_view path) {
  LANDFALL_TRY_ASSIGN(auto documents, parse_documents(items, path));
  for (const Document& document : documents) {
    if (document.entity.type == type) continue;
    return failure(field_error("field.value", "", path, "holds a document of another type"));
  }
  return documents;
}

Result<std::optional<std::string>> mark_of(const Json& reply) {
  LANDFALL_TRY_ASSIGN(auto next, optional_string_at(reply, "next"));
  if (next && (next->empty() || next->size() > limits::kListMarkBytesMax)) {
    return failure(
        field_error("field.range", "", "next",
                    "expected 1 to " + std::to_string(limits::kListMarkBytesMax) + " bytes"));
  }
  return next;
}

// Its documents stand in rows of their own; `server_time` is when it came, which the row says.
Result<std::string> kept_of(Json reply, std::string_view items_path,
                            const std::vector<Document>& documents) {
  Json ids = Json::array();
  for (const Document& document : documents) {
    if (!document.deleted) ids.push_back(document.entity.id);
  }
  value_at(reply, items_path) = std::move(ids);
  reply.erase("server_time");
  std::string text = dump_json(reply);
  if (text.size() > limits::kDocumentBytesMax) {
    return failure(
        field_error("field.range", "", "", "has more beside its items than a document may hold"));
  }
  return text;
}

Result<ListAnswer> read_list(const Profile& profile, const ListQuestion& question,
                             std::string_view body) {
  LANDFALL_TRY_ASSIGN(Json reply, parse_answer(body));
  const profile::CachedRead* read = profile.cached_read(question.read);
  const std::string path = read ? profile.endpoint(read->endpoint)->documents : "changes";
  const Json* items = profile::reply_value(reply, path);
  if (items == nullptr || !items->is_array())
    return failure(field_error("field.type", "", path, "expected a list"));
  ListAnswer answer;
  LANDFALL_TRY_ASSIGN(answer.documents, documents_of(*items, question.type, path));
  LANDFALL_TRY_ASSIGN(answer.next, mark_of(reply));
  if (read == nullptr) return answer;
  LANDFALL_TRY_ASSIGN(answer.kept, kept_of(std::move(reply), path, answer.documents));
  return answer;
}

}  // namespace

http::ApiCall list_call(const Profile& profile, std::string_view device_id,
                        const ListQuestion& question) {
  const profile::CachedRead* read = profile.cached_read(question.read);
  return read ? read_call(*read, question) : query_call(device_id, question);
}

Result<ListAnswer> parse_list(const Profile& profile, const ListQuestion& question,
                              std::string_view body) {
  auto answer = read_list(profile, question, body);
  if (!answer) return failure(answer_invalid(std::move(answer.error())));
  return answer;
}

}  // namespace landfall::sync
