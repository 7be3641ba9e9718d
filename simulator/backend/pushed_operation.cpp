#include "simulator/backend/pushed_operation.hpp"

#include <algorithm>
#include <utility>

#include "simulator/backend/document.hpp"
#include "simulator/backend/rules.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kEntityIdBytesMax = 128;

Result<std::string> bounded_string(const Json& object, std::string_view key,
                                   const std::string& path, std::size_t bytes_max) {
  LANDFALL_TRY_ASSIGN(std::string text, string_at(object, key, path));
  if (text.empty() || text.size() > bytes_max) {
    return failure(field_error("field.range", path, key,
                               "must have 1 to " + std::to_string(bytes_max) + " bytes"));
  }
  return text;
}

Result<std::string> operation_id(const std::string& text, std::string_view key,
                                 const std::string& path) {
  const auto id = parse_id<OperationId>(text);
  if (!id) return failure(field_error("field.type", path, key, "must be a UUID"));
  return to_text(*id);
}

Status read_place(const Json& object, const std::string& path, PushedOperation& operation) {
  LANDFALL_TRY_ASSIGN(operation.base_version, optional_integer_at(object, "base_version", path));
  LANDFALL_TRY_ASSIGN(const auto after, optional_string_at(object, "after", path));
  if (after) {
    LANDFALL_TRY_ASSIGN(operation.after, operation_id(*after, "after", path));
  }
  if (after && operation.base_version) {
    return failure(
        field_error("field.range", path, "after", "and base_version exclude each other"));
  }
  const ActionRule* rule = find_rule(operation.entity.type, operation.action);
  if (rule != nullptr && needs_version(rule->kind) && !after && !operation.base_version) {
    return failure(
        field_error("field.missing", path, "base_version", "or after is needed for this action"));
  }
  return {};
}

// Ends a string literal: the position behind its closing quote.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// The position behind the value that starts at `at`.
std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      if (depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    }
    if (depth == 0 && (c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r')) return at;
    ++at;
  }
  return at;
}

std::size_t skip_space(std::string_view text, std::size_t at, std::string_view also = "") {
  while (at < text.size() &&
         (std::string_view{" \t\r\n"}.find(text[at]) != std::string_view::npos ||
          also.find(text[at]) != std::string_view::npos)) {
    ++at;
  }
  return at;
}

std::vector<std::string_view> elements_at(std::string_view text, std::size_t at) {
  std::vector<std::string_view> found;
  if (at >= text.size() || text[at] != '[') return found;
  at = skip_space(text, at + 1);
  while (at < text.size() && text[at] != ']') {
    const std::size_t end = skip_value(text, at);
    found.push_back(text.substr(at, end - at));
    at = skip_space(text, end, ",");
  }
  return found;
}

}  // namespace

std::vector<std::string_view> element_texts(std::string_view body_text, std::string_view member) {
  std::vector<std::string_view> found;
  std::size_t at = skip_space(body_text, 0);
  if (at >= body_text.size() || body_text[at] != '{') return found;
  at = skip_space(body_text, at + 1);
  while (at < body_text.size() && body_text[at] == '"') {
    const std::size_t key_end = skip_string(body_text, at);
    const bool wanted = body_text.substr(at + 1, key_end - at - 2) == member;
    const std::size_t value = skip_space(body_text, key_end, ":");
    if (wanted)
      found =
          elements_at(body_text, value);  // of duplicate keys the last one counts, as in parse_json
    at = skip_space(body_text, skip_value(body_text, value), ",");
  }
  return found;
}

Result<PushedOperation> read_operation(const Json& object, std::string_view bytes,
                                       const std::string& path) {
  PushedOperation operation;
  LANDFALL_TRY_ASSIGN(const std::string id, string_at(object, "id", path));
  LANDFALL_TRY_ASSIGN(operation.id, operation_id(id, "id", path));
  LANDFALL_TRY_ASSIGN(operation.entity.type,
                      bounded_string(object, "entity_type", path, kNameBytesMax));
  LANDFALL_TRY_ASSIGN(operation.entity.id,
                      bounded_string(object, "entity_id", path, kEntityIdBytesMax));
  LANDFALL_TRY_ASSIGN(operation.action, bounded_string(object, "action", path, kNameBytesMax));
  LANDFALL_TRY_ASSIGN(const Json* payload, object_at(object, "payload", path));
  LANDFALL_TRY(read_place(object, path, operation));
  if (object.contains("attestation")) {
    LANDFALL_TRY_ASSIGN(const Json* attestation, object_at(object, "attestation", path));
    operation.attestation = *attestation;
  }
  operation.payload = *payload;
  operation.bytes_hash = sha256_hex(bytes);
  operation.payload_hash = sha256_hex(dump_json(*payload));
  return operation;
}

Result<std::vector<PushedOperation>> read_operations(const Json& body, std::string_view body_text) {
  LANDFALL_TRY_ASSIGN(const Json* list, array_at(body, "operations"));
  const auto texts = element_texts(body_text, "operations");
  std::vector<PushedOperation> operations;
  operations.reserve(list->size());
  for (std::size_t at = 0; at < list->size(); ++at) {
    // A key written with escapes is found by the parser only; the tree's text stands in for the
    // bytes then.
    const std::string fallback =
        texts.size() == list->size() ? std::string{} : dump_json((*list)[at]);
    const std::string_view bytes =
        texts.size() == list->size() ? texts[at] : std::string_view{fallback};
    LANDFALL_TRY_ASSIGN(auto operation, read_operation((*list)[at], bytes,
                                                       "operations[" + std::to_string(at) + "]"));
    operations.push_back(std::move(operation));
  }
  return operations;
}

}  // namespace landfall::backend
