#include "engine/sync/document.hpp"

#include "engine/sync/document_text.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace landfall::sync {
namespace {

bool is_name(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max;
}

// A document that is gone may be one that never was.
std::int64_t lowest_version(bool deleted, VersionZero zero) {
  return deleted && zero == VersionZero::of_what_never_was ? 0 : 1;
}

Result<std::string> name_at(const Json& value, std::string_view key, std::string_view path,
                            std::size_t bytes_max) {
  LANDFALL_TRY_ASSIGN(std::string text, string_at(value, key, path));
  if (!is_name(text, bytes_max)) {
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

// Most data is no longer, and is written without its text growing on the way.
constexpr std::size_t kUsualDataBytes = 1'024;

// The members of a document as its text has them, each at most once.
class DocumentMembers final {
 public:
  [[nodiscard]] bool read(JsonValue document) {
    return document.each_member(
        [this](std::string_view name, JsonValue value) { return take(name, value); });
  }

  [[nodiscard]] std::optional<Document> document(VersionZero zero) const {
    const bool has_names = type_ && is_name(*type_, limits::kNameBytesMax) && id_ &&
                           is_name(*id_, limits::kEntityIdBytesMax);
    if (!has_names || !row_version_ || !updated_at_) return std::nullopt;
    const bool is_deleted = deleted_.value_or(false);
    const auto updated_at = parse_rfc3339(*updated_at_);
    if (!updated_at || *row_version_ < lowest_version(is_deleted, zero)) return std::nullopt;
    Document document{
        {std::string{*type_}, std::string{*id_}}, *row_version_, *updated_at, is_deleted, "{}"};
    if (is_deleted) return document;
    if (!data_ || !data_->is_object()) return std::nullopt;
    document.data.clear();
    document.data.reserve(kUsualDataBytes);
    data_->append_to(document.data);
    if (document.data.size() > limits::kDocumentBytesMax) return std::nullopt;
    return document;
  }

 private:
  template <class T>
  static bool note(std::optional<T>& member, std::optional<T> value) {
    if (member || !value) return false;
    member = std::move(value);
    return true;
  }

  [[nodiscard]] bool take(std::string_view name, JsonValue value) {
    if (name == "entity_type") return note(type_, value.string());
    if (name == "entity_id") return note(id_, value.string());
    if (name == "row_version") return note(row_version_, value.integer());
    if (name == "updated_at") return note(updated_at_, value.string());
    if (name == "deleted") return note(deleted_, value.boolean());
    if (name == "data") return note(data_, std::optional(value));
    return true;
  }

  std::optional<std::string_view> type_;
  std::optional<std::string_view> id_;
  std::optional<std::int64_t> row_version_;
  std::optional<std::string_view> updated_at_;
  std::optional<bool> deleted_;
  std::optional<JsonValue> data_;
};

}  // namespace

Result<Document> parse_document(const Json& value, std::string_view path, VersionZero zero) {
  Document document;
  LANDFALL_TRY_ASSIGN(document.entity.type,
                      name_at(value, "entity_type", path, limits::kNameBytesMax));
  LANDFALL_TRY_ASSIGN(document.entity.id,
                      name_at(value, "entity_id", path, limits::kEntityIdBytesMax));
  LANDFALL_TRY_ASSIGN(document.deleted, deleted_at(value, path));
  LANDFALL_TRY_ASSIGN(document.row_version,
                      row_version_at(value, lowest_version(document.deleted, zero), path));
  LANDFALL_TRY_ASSIGN(document.updated_at, updated_at_of(value, path));
  if (document.deleted) {
    document.data = "{}";  // what a server still sends beside `deleted` is of no use to anybody
    return document;
  }
  LANDFALL_TRY_ASSIGN(document.data, data_at(value, path));
  return document;
}

std::optional<Document> read_document(JsonValue value, VersionZero zero) {
  DocumentMembers members;
  if (!members.read(value)) return std::nullopt;
  return members.document(zero);
}

}  // namespace landfall::sync
