#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/result.hpp"

namespace landfall {

using Json = nlohmann::json;

struct JsonLimits {
  std::size_t bytes_max;
  std::size_t depth_max = 64;
};

// Parses untrusted text. Size, nesting and UTF-8 are checked before a tree is built, because
// copying or printing a deep tree overflows a phone thread's stack. Errors: json.too_large,
// json.too_deep, json.invalid (with the byte offset). Duplicate keys: the last one counts.
[[nodiscard]] Result<Json> parse_json(std::string_view text, JsonLimits limits);

// Of a valid text: json.invalid, with the offset, where it has an integer that 64 bits do not hold.
// parse_json makes the nearest double of one, which says something else.
[[nodiscard]] Status check_integers(std::string_view text);

// json.too_many_values when a text has more values than these, counted before a tree is built: an
// empty object takes three bytes as a text and eighty in memory.
[[nodiscard]] Status check_value_count(std::string_view text, std::size_t values_max);

// Typed access with an error that names the path. `path` is that of `object` itself ("params"); the
// field's is appended. Errors: field.missing, field.type, field.range. An explicit null counts as
// missing.
[[nodiscard]] Result<std::string> string_at(const Json& object, std::string_view key,
                                            std::string_view path = "");
[[nodiscard]] Result<std::int64_t> integer_at(const Json& object, std::string_view key,
                                              std::string_view path = "");
[[nodiscard]] Result<bool> bool_at(const Json& object, std::string_view key,
                                   std::string_view path = "");
[[nodiscard]] Result<const Json*> object_at(const Json& object, std::string_view key,
                                            std::string_view path = "");
[[nodiscard]] Result<const Json*> array_at(const Json& object, std::string_view key,
                                           std::string_view path = "");

// The same for fields that may be absent; a wrong type is still an error.
[[nodiscard]] Result<std::optional<std::string>> optional_string_at(const Json& object,
                                                                    std::string_view key,
                                                                    std::string_view path = "");
[[nodiscard]] Result<std::optional<std::int64_t>> optional_integer_at(const Json& object,
                                                                      std::string_view key,
                                                                      std::string_view path = "");

// Compact text with sorted keys: the same tree always gives the same bytes, which hashes rely on.
[[nodiscard]] std::string dump_json(const Json& value);

// A key that came with the input as part of a path: escaped, and cut to 64 bytes.
[[nodiscard]] std::string path_part(std::string_view key);

[[nodiscard]] Error field_error(std::string code, std::string_view path, std::string_view key,
                                std::string message);

}  // namespace landfall
