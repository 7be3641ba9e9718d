#include "engine/cache/query.hpp"

#include <utility>

#include <nlohmann/json.hpp>

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
  for (const char* key : {"filter", "text", "sort", "after"}) {
    if (has(params, key))
      return failure(field_error("field.value", kPath, key, "is of no use beside an id"));
  }
  return {};
}

Status read_words(const Json& params, const profile::Entity& entity, Query& query) {
  LANDFALL_TRY_ASSIGN(const auto text, text_at(params, "text", limits::kSearchTextBytesMax));
  if (!text) return {};
  query.words = search_words(*text);
  if (query.words.empty())
    return failure(field_error("field.value", kPath, "text", "has nothing but blanks"));
  if (!entity.summary.empty()) return {};
  return failure(field_error("field.value", kPath, "text",
                             "searches summaries, and " + entity.type + " declares none"));
}

Status read_list(const Json& params, const profile::Entity& entity, Query& query) {
  if (has(params, "filter")) {
    LANDFALL_TRY_ASSIGN(const Json* filter, object_at(params, "filter", kPath));
    LANDFALL_TRY_ASSIGN(query.filter, parse_filter(entity, *filter));
  }
  LANDFALL_TRY(read_words(params, entity, query));
  if (has(params, "sort")) {
    LANDFALL_TRY_ASSIGN(const Json* sort, object_at(params, "sort", kPath));
    LANDFALL_TRY_ASSIGN(query.order, parse_order(entity, *sort));
  }
  LANDFALL_TRY_ASSIGN(const auto after, text_at(params, "after", limits::kPageTokenBytesMax));
  if (!after) return {};
  LANDFALL_TRY_ASSIGN(query.after, parse_token(*after, query.order));
  return {};
}

Result<const profile::Entity*> entity_of(const Profile& profile, const std::string& type) {
  if (const auto* entity = profile.entity(type)) return entity;
  Error error{ErrorClass::invalid, "entity.unknown_type",
              "There is no type " + quote_input(type) + "."};
  error.field = "params.type";
  return failure(std::move(error));
}

}  // namespace

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
  constexpr auto kMax = static_cast<std::int64_t>(limits::kQueryDocumentsMax);
  LANDFALL_TRY_ASSIGN(const auto limit, number_at(params, "limit", 1, kMax));
  query.limit = static_cast<std::size_t>(limit.value_or(kMax));
  LANDFALL_TRY_ASSIGN(query.refresh, refresh_at(params));
  LANDFALL_TRY_ASSIGN(query.commit_seq, number_at(params, "commit_seq", 0, INT64_MAX));
  return query;
}

}  // namespace landfall::cache
