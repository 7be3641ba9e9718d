#include "engine/base/json.hpp"

#include <nlohmann/json.hpp>

namespace landfall {
namespace {

// Finds nesting beyond the limit without building anything; returns the offset of the bracket that
// goes too far.
std::optional<std::size_t> too_deep_at(std::string_view text, std::size_t depth_max) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > depth_max) return at;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

std::string path_of(std::string_view path, std::string_view key) {
  return path.empty() ? std::string{key} : std::string{path} + "." + std::string{key};
}

// The member, or the error that it is missing; null counts as missing.
Result<const Json*> member_at(const Json& object, std::string_view key, std::string_view path) {
  if (!object.is_object()) {
    return failure(
        Error{ErrorClass::invalid, "field.type", "expected an object", std::string{path}});
  }
  const auto found = object.find(std::string{key});
  if (found == object.end() || found->is_null()) {
    return failure(field_error("field.missing", path, key, "is missing"));
  }
  return &*found;
}

tl::unexpected<Error> wrong_type(std::string_view path, std::string_view key,
                                 std::string_view expected, const Json& got) {
  return failure(field_error("field.type", path, key,
                             "expected " + std::string{expected} + ", got " + got.type_name()));
}

Result<std::int64_t> integer_value(const Json& value, std::string_view key, std::string_view path) {
  if (!value.is_number_integer()) return wrong_type(path, key, "an integer", value);
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    return failure(field_error("field.range", path, key, "is too large"));
  }
  return value.get<std::int64_t>();
}

}  // namespace

std::string path_part(std::string_view key) {
  constexpr std::size_t kBytesMax = 64;
  const std::string quoted = quote_input(key.substr(0, kBytesMax));
  return quoted.size() < 2 ? quoted : quoted.substr(1, quoted.size() - 2);
}

Error field_error(std::string code, std::string_view path, std::string_view key,
                  std::string message) {
  const std::string field = path_of(path, key);
  return Error{ErrorClass::invalid, std::move(code), field + " " + message, field};
}

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return failure(ErrorClass::invalid, "json.too_large",
                   "the text has " + std::to_string(text.size()) + " bytes, the limit is " +
                       std::to_string(limits.bytes_max));
  }
  if (const auto at = too_deep_at(text, limits.depth_max)) {
    return failure(Error{ErrorClass::invalid, "json.too_deep",
                         "nested deeper than " + std::to_string(limits.depth_max) + " levels",
                         std::nullopt, *at});
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::parse_error& error) {
    // The library counts bytes from one and its message may quote input: neither goes out.
    const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
    return failure(Error{ErrorClass::invalid, "json.invalid",
                         "no valid JSON at byte " + std::to_string(offset), std::nullopt, offset});
  } catch (const nlohmann::json::exception&) {
    return failure(ErrorClass::invalid, "json.invalid", "a number is out of range");
  }
}

Result<std::string> string_at(const Json& object, std::string_view key, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const Json* value, member_at(object, key, path));
  if (!value->is_string()) return wrong_type(path, key, "a string", *value);
  return value->get<std::string>();
}

Result<std::int64_t> integer_at(const Json& object, std::string_view key, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const Json* value, member_at(object, key, path));
  return integer_value(*value, key, path);
}

Result<bool> bool_at(const Json& object, std::string_view key, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const Json* value, member_at(object, key, path));
  if (!value->is_boolean()) return wrong_type(path, key, "true or false", *value);
  return value->get<bool>();
}

Result<const Json*> object_at(const Json& object, std::string_view key, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const Json* value, member_at(object, key, path));
  if (!value->is_object()) return wrong_type(path, key, "an object", *value);
  return value;
}

Result<const Json*> array_at(const Json& object, std::string_view key, std::string_view path) {
  LANDFALL_TRY_ASSIGN(const Json* value, member_at(object, key, path));
  if (!value->is_array()) return wrong_type(path, key, "an array", *value);
  return value;
}

Result<std::optional<std::string>> optional_string_at(const Json& object, std::string_view key,
                                                      std::string_view path) {
  const auto found = object.find(std::string{key});
  if (found == object.end() || found->is_null()) return std::optional<std::string>{};
  if (!found->is_string()) return wrong_type(path, key, "a string", *found);
  return std::optional{found->get<std::string>()};
}

Result<std::optional<std::int64_t>> optional_integer_at(const Json& object, std::string_view key,
                                                        std::string_view path) {
  const auto found = object.find(std::string{key});
  if (found == object.end() || found->is_null()) return std::optional<std::int64_t>{};
  LANDFALL_TRY_ASSIGN(std::int64_t value, integer_value(*found, key, path));
  return std::optional{value};
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace landfall
