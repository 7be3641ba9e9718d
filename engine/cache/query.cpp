#include "engine/cache/query.hpp"

#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/cache/text_search.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

constexpr std::string_view kPath = "params";

Status check_length(const std::string& text, std::string_view key, std::size_t bytes_max) {
  if (!text.empty() && text.size() <= bytes_max) return {};
  return failure(field_error("field.range", kPath, key,
                             "expected 1 to " + std::to_string(bytes_max) + " bytes"));
}

Result<std::optional<std::string>> text_at(const Json& params, std::string_view key,
                                           std::size_t bytes_max) {
  LANDFALL_TRY_ASSIGN(auto text, optional_string_at(params, key, kPath));
  if (text) LANDFALL_TRY(check_length(*text, key, bytes_max));
  return text;
}

Result<std::optional<std::int64_t>> number_at(const Json& params, std::string_view key,
                                              std::int64_t min, std::int64_t max) {
  LANDFALL_TRY_ASSIGN(const auto number, optional_integer_at(params, key, kPath));
  if (number && (*number < min || *number > max)) {
    return failure(field_error("field.range", kPath, key,
                               "expected " + std::to_string(min) + " to " + std::to_string(max)));
  }
  return number;
}

Result<Refresh> refresh_at(const Json& params) {
  LANDFALL_TRY_ASSIGN(const auto word, optional_string_at(params, "refresh", kPath));
  if (!word || *word == "never") return Refresh::never;
  if (*word == "if_stale") return Refresh::if_stale;
  if (*word == "always") return Refresh::always;
  return failure(field_error("field.value", kPath, "refresh", "must be never, if_stale or always"));
}

bool has(const Json& params, const char* key) {
  const auto found = params.find(key);
  return found != params.end() && !found->is_null();
}

// One document has no order, and is there or not.
Status check_beside_id(const Json& params) {
  for (const char* key : {"filter", "text", "sort", "after", "ask"}) {
    if (has(params, key))
      return failure(field_error("field.value", kPath, key, "is of no use beside an id"));
  }
  return {};
}

Status read_words(const Json& params, const profile::Entity& entity, Query& query) {
  LANDFALL_TRY_ASSIGN(const auto text, text_at(params, "text", limits::kSearchTextBytesMax));
  if (!text) return {};
  query.text = *text;
  query.words = search_words(*text);
  if (query.words.empty())
    return failure(field_error("field.value", kPath, "text", "has nothing but blanks"));
  if (!entity.summary.empty()) return {};
  return failure(field_error("field.value", kPath, "text",
                             "searches summaries, and " + entity.type + " declares none"));
}

Status read_ask(const Json& params, const profile::Entity& entity, Query& query) {
  if (!has(params, "ask")) return {};
  LANDFALL_TRY_ASSIGN(query.ask, bool_at(params, "ask", kPath));
  if (!query.ask) return {};
  if (!entity.scope.empty()) {
    return failure(field_error("field.value", kPath, "ask",
                               "is of no use: all of " + entity.type +
                                   " is pulled ahead; `refresh` asks for what is new"));
  }
  if (!has(params, "sort")) return {};
  return failure(
      field_error("field.value", kPath, "sort", "is not for `ask`: the order is the server's"));
}

Status read_place(const Json& params, Query& query) {
  LANDFALL_TRY_ASSIGN(const auto after, text_at(params, "after", limits::kPageTokenBytesMax));
  if (!after) return {};
  if (query.ask) query.server_after = mark_in_token(*after);
  if (query.server_after) return {};
  LANDFALL_TRY_ASSIGN(query.after, parse_token(*after, query.order));
  return {};
}

Status read_list(const Json& params, const profile::Entity& entity, Query& query) {
  if (has(params, "filter")) {
    LANDFALL_TRY_ASSIGN(const Json* filter, object_at(params, "filter", kPath));
    LANDFALL_TRY_ASSIGN(query.filter, parse_filter(entity, *filter));
    query.filter_json = dump_json(*filter);
  }
  LANDFALL_TRY(read_words(params, entity, query));
  if (has(params, "sort")) {
    LANDFALL_TRY_ASSIGN(const Json* sort, object_at(params, "sort", kPath));
    LANDFALL_TRY_ASSIGN(query.order, parse_order(entity, *sort));
  }
  LANDFALL_TRY(read_ask(params, entity, query));
  return read_place(params, query);
}

Result<const profile::Entity*> entity_of(const Profile& profile, const std::string& type) {
  if (const auto* entity = profile.entity(type)) return entity;
  Error error{ErrorClass::invalid, "entity.unknown_type",
              "There is no type " + quote_input(type) + "."};
  error.field = "params.type";
  return failure(std::move(error));
}

}  // namespace

std::string to_server_token(const std::string& mark) {
  const std::string text = dump_json(Json{{"server", mark}});
  return to_base64(std::as_bytes(std::span(text)));
}

std::optional<std::string> mark_in_token(const std::string& token) {
  const auto bytes = from_base64(token);
  if (!bytes) return std::nullopt;
  const auto json = parse_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                               JsonLimits{limits::kPageTokenBytesMax, 4});
  const bool is_mark = json && json->is_object() && json->size() == 1 && json->contains("server");
  if (!is_mark || !(*json)["server"].is_string()) return std::nullopt;
  return (*json)["server"].get<std::string>();
}

Result<Query> parse_query(const Profile& profile, const Json& params) {
  Query query;
  LANDFALL_TRY_ASSIGN(query.type, string_at(params, "type", kPath));
  LANDFALL_TRY(check_length(query.type, "type", limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(const profile::Entity* entity, entity_of(profile, query.type));
  LANDFALL_TRY_ASSIGN(query.id, text_at(params, "id", limits::kEntityIdBytesMax));
  if (query.id) {
    LANDFALL_TRY(check_beside_id(params));
  } else {
    LANDFALL_TRY(read_list(params, *entity, query));
  }
  const auto most = static_cast<std::int64_t>(query.ask ? limits::kAskedDocumentsMax
                                                        : limits::kQueryDocumentsMax);
  LANDFALL_TRY_ASSIGN(const auto limit, number_at(params, "limit", 1, most));
  query.limit = static_cast<std::size_t>(limit.value_or(most));
  LANDFALL_TRY_ASSIGN(query.refresh, refresh_at(params));
  LANDFALL_TRY_ASSIGN(query.commit_seq, number_at(params, "commit_seq", 0, INT64_MAX));
  return query;
}

}  // namespace landfall::cache
