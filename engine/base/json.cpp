#include "engine/base/json.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <nlohmann/json.hpp>

#include "engine/base/json_text.hpp"

namespace landfall {
namespace {

// Calls `look(at)` for each byte that is no part of a string, until it has seen enough.
template <class Look>
void look_outside_strings(std::string_view text, Look look) {
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (in_string && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      in_string = !in_string;
    } else if (!in_string && !look(at)) {
      return;
    }
  }
}

// Finds nesting beyond the limit without building anything; returns the offset of the bracket that
// goes too far.
std::optional<std::size_t> too_deep_at(std::string_view text, std::size_t depth_max) {
  std::size_t depth = 0;
  std::optional<std::size_t> found;
  look_outside_strings(text, [&](std::size_t at) {
    const char c = text[at];
    if (c == '[' || c == '{') {
      if (++depth > depth_max) found = at;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
    return !found;
  });
  return found;
}

// Whether the text of a whole number stands for one that 64 bits hold.
bool fits_64_bits(std::string_view digits) {
  const auto holds = [&](auto value) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec != std::errc::result_out_of_range;
  };
  return digits.front() == '-' ? holds(std::int64_t{}) : holds(std::uint64_t{});
}

// Where the library gives up on a text: its errors about numbers do not say it themselves.
class ErrorPosition final : public nlohmann::json_sax<Json> {
 public:
  std::size_t at = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t behind, const std::string& token, const Json::exception&) override {
    at = behind - std::min(behind, token.size());
    return false;
  }
};

std::size_t error_position(std::string_view text) {
  ErrorPosition position;
  (void)Json::sax_parse(text.begin(), text.end(), &position);
  return position.at;
}

tl::unexpected<Error> no_json(std::string message, std::size_t offset) {
  return failure(Error{ErrorClass::invalid, "json.invalid",
                       std::move(message) + " at byte " + std::to_string(offset), std::nullopt,
                       offset});
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
  if (const auto read = JsonText::read(text, limits)) return read->root().tree();
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
    return no_json("no valid JSON", offset);
  } catch (const nlohmann::json::exception&) {
    return no_json("a number is out of range", error_position(text));
  }
}

Status check_integers(std::string_view text) {
  std::size_t behind = 0;  // the last number that was looked at
  std::optional<std::size_t> rounded;
  look_outside_strings(text, [&](std::size_t at) {
    const bool begins = at >= behind && (text[at] == '-' || (text[at] >= '0' && text[at] <= '9'));
    if (!begins) return true;
    behind = std::min(text.find_first_not_of("+-.0123456789Ee", at), text.size());
    const std::string_view number = text.substr(at, behind - at);
    const bool is_whole = number.find_first_of(".Ee") == std::string_view::npos;
    if (is_whole && !fits_64_bits(number)) rounded = at;
    return !rounded;
  });
  if (!rounded) return {};
  return no_json("an integer needs more than 64 bits", *rounded);
}

Status check_value_count(std::string_view text, std::size_t values_max) {
  std::size_t values = 1;
  look_outside_strings(text, [&](std::size_t at) {
    const char c = text[at];
    if (c == ',' || c == '[' || c == '{') ++values;
    return values <= values_max;
  });
  if (values <= values_max) return {};
  return failure(ErrorClass::invalid, "json.too_many_values",
                 "more than " + std::to_string(values_max) + " values");
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
