#include "engine/sync/document.hpp"

#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

namespace landfall::sync {
namespace {

Result<std::string> name_at(const Json& value, std::string_view key, std::string_view path,
                            std::size_t bytes_max) {
  LANDFALL_TRY_ASSIGN(std::string text, string_at(value, key, path));
  if (text.empty() || text.size() > bytes_max) {
    return failure(field_error("field.range", path, key,
                               "expected 1 to " + std::to_string(bytes_max) + " bytes, got " +
                                   std::to_string(text.size())));
  }
  return text;
}

Result<std::int64_t> row_version_at(const Json& value, std::int64_t lowest, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const std::int64_t row_version, integer_at(value, "row_version", path));
  if (row_version < lowest) {
    return failure(field_error("field.range", path, "row_version", "expected a positive integer"));
  }
  return row_version;
}

Result<Instant> updated_at_of(const Json& value, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const std::string text, string_at(value, "updated_at", path));
  auto instant = parse_rfc3339(text);
  if (!instant) {
    return failure(
        field_error("field.type", path, "updated_at", "expected a time with its zone (RFC 3339)"));
  }
  return *instant;
}

// Servers that leave out false are understood: an item without `data` is then refused for that.
Result<bool> deleted_at(const Json& value, std::string_view path) {
  const auto found = value.find("deleted");
  if (found == value.end() || found->is_null()) return false;
  return bool_at(value, "deleted", path);
}

Result<std::string> data_at(const Json& value, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const Json* object, object_at(value, "data", path));
  std::string text = dump_json(*object);
  if (text.size() > limits::kDocumentBytesMax) {
    return failure(field_error("field.range", path, "data",
                               "expected at most " + std::to_string(limits::kDocumentBytesMax) +
                                   " bytes, got " + std::to_string(text.size())));
  }
  return text;
}

}  // namespace

Result<Document> parse_document(const Json& value, std::string_view path, VersionZero zero) {
  Document document;
  LANDFALL_TRY_ASSIGN(document.entity.type,
                      name_at(value, "entity_type", path, limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(document.entity.id,
                      name_at(value, "entity_id", path, limits::kEntityIdBytesMax));
  LANDFALL_TRY_ASSIGN(document.deleted, deleted_at(value, path));
  const bool may_be_zero = document.deleted && zero == VersionZero::of_what_never_was;
  LANDFALL_TRY_ASSIGN(document.row_version, row_version_at(value, may_be_zero ? 0 : 1, path));
  LANDFALL_TRY_ASSIGN(document.updated_at, updated_at_of(value, path));
  if (document.deleted) {
    document.data = "{}";  // what a server still sends beside `deleted` is of no use to anybody
    return document;
  }
  LANDFALL_TRY_ASSIGN(document.data, data_at(value, path));
  return document;
}

}  // namespace landfall::sync
