#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "engine/profile/entity.hpp"
#include "engine/profile/payload_text.hpp"

namespace landfall::profile {
namespace {

bool is_of(FieldType type, const Json& value) {
  switch (type) {
    case FieldType::string:
      return value.is_string();
    case FieldType::integer:
      return value.is_number_integer();
    case FieldType::number:
      return value.is_number();
    case FieldType::boolean:
      return value.is_boolean();
    case FieldType::object:
      return value.is_object();
    case FieldType::array:
      return value.is_array();
  }
  return false;
}

std::string_view name_of(FieldType type) {
  switch (type) {
    case FieldType::string:
      return "a text";
    case FieldType::integer:
      return "a whole number";
    case FieldType::number:
      return "a number";
    case FieldType::boolean:
      return "true or false";
    case FieldType::object:
      return "an object";
    case FieldType::array:
      return "a list";
  }
  return "nothing";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Characters as people count them, nearly: the bytes that begin a UTF-8 sequence.
std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

Status refuse(std::string_view path, std::string_view name, std::string message) {
  return failure(field_error("payload.value", path, name, std::move(message)));
}

bool has_length_rule(const PayloadField& field) { return field.length_min || field.length_max; }

Status check_length(const PayloadField& field, const Json& value, std::string_view path,
                    std::string_view name) {
  const bool is_text = value.is_string();
  if (!has_length_rule(field) || (!is_text && !value.is_array())) return {};
  const std::size_t length =
      is_text ? code_points(trimmed(value.get_ref<const std::string&>())) : value.size();
  const std::string unit = is_text ? " characters" : " items";
  if (field.length_min && length < *field.length_min) {
    return refuse(path, name, "needs at least " + std::to_string(*field.length_min) + unit);
  }
  if (field.length_max && length > *field.length_max) {
    return refuse(path, name, "takes at most " + std::to_string(*field.length_max) + unit);
  }
  return {};
}

// Whole numbers are compared as such: a double has no room for the last bits of a large one.
bool is_less(const Json& value, std::int64_t bound) {
  if (value.is_number_unsigned()) {
    return bound > 0 && value.get<std::uint64_t>() < static_cast<std::uint64_t>(bound);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>() < bound;
  return value.get<double>() < static_cast<double>(bound);
}

bool is_greater(const Json& value, std::int64_t bound) {
  if (value.is_number_unsigned()) {
    return bound < 0 || value.get<std::uint64_t>() > static_cast<std::uint64_t>(bound);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>() > bound;
  return value.get<double>() > static_cast<double>(bound);
}

Status check_range(const PayloadField& field, const Json& value, std::string_view path,
                   std::string_view name) {
  if (!value.is_number()) return {};
  if (field.value_min && is_less(value, *field.value_min)) {
    return refuse(path, name, "is less than " + std::to_string(*field.value_min));
  }
  if (field.value_max && is_greater(value, *field.value_max)) {
    return refuse(path, name, "is more than " + std::to_string(*field.value_max));
  }
  return {};
}

Status check_choice(const PayloadField& field, const Json& value, std::string_view path,
                    std::string_view name) {
  if (field.one_of.empty() || !value.is_string()) return {};
  const auto& text = value.get_ref<const std::string&>();
  if (std::find(field.one_of.begin(), field.one_of.end(), text) != field.one_of.end()) return {};
  return refuse(path, name, "is none of the values allowed");
}

// Of a value that is not null.
Status check_value(const PayloadField& field, const Json& value, std::string_view path,
                   std::string_view name) {
  if (!is_of(field.type, value)) {
    return failure(
        field_error("payload.type", path, name,
                    "expected " + std::string{name_of(field.type)} + ", got " + value.type_name()));
  }
  LANDFALL_TRY(check_length(field, value, path, name));
  LANDFALL_TRY(check_range(field, value, path, name));
  return check_choice(field, value, path, name);
}

Status check_field(const std::string& name, const PayloadField& field, const Json& payload,
                   std::string_view path) {
  const auto found = payload.find(name);
  if (found == payload.end() || found->is_null()) {
    if (!field.required) return {};
    return failure(field_error("payload.missing", path, name, "is missing"));
  }
  return check_value(field, *found, path, name);
}

bool has_text(const PayloadField& field, std::string_view text) {
  if (field.type != FieldType::string) return false;
  if (has_length_rule(field)) {
    const std::size_t length = code_points(trimmed(text));
    if (length < field.length_min.value_or(0)) return false;
    if (field.length_max && length > *field.length_max) return false;
  }
  return field.one_of.empty() ||
         std::find(field.one_of.begin(), field.one_of.end(), text) != field.one_of.end();
}

bool has_integer(const PayloadField& field, std::int64_t value) {
  if (field.type != FieldType::integer && field.type != FieldType::number) return false;
  return !(field.value_min && value < *field.value_min) &&
         !(field.value_max && value > *field.value_max);
}

bool has_array(const PayloadField& field, JsonValue value) {
  if (field.type != FieldType::array) return false;
  if (!has_length_rule(field)) return true;
  std::size_t length = 0;
  (void)value.each_item([&](JsonValue) { return ++length > 0; });
  return length >= field.length_min.value_or(0) &&
         !(field.length_max && length > *field.length_max);
}

// Nothing is asked of what stands in an object, and of an array only its length. Fractions and very
// large numbers are seldom: they are looked at as trees.
bool has_value(const PayloadField& field, JsonValue value) {
  if (const auto text = value.string()) return has_text(field, *text);
  if (const auto integer = value.integer()) return has_integer(field, *integer);
  if (value.boolean()) return field.type == FieldType::boolean;
  if (value.is_object()) return field.type == FieldType::object;
  if (value.is_array()) return has_array(field, value);
  return check_value(field, value.tree(), "", "").has_value();
}

}  // namespace

Status check_payload(const Action& action, const Json& payload, std::string_view path) {
  if (!payload.is_object()) {
    return failure(Error{ErrorClass::invalid, "payload.type",
                         std::string{path} + " expected an object, got " + payload.type_name(),
                         std::string{path}});
  }
  for (const auto& [name, field] : action.payload) {
    LANDFALL_TRY(check_field(name, field, payload, path));
  }
  if (action.payload_open) return {};
  for (const auto& item : payload.items()) {
    if (action.payload.contains(item.key())) continue;
    const std::string name = path_part(item.key());
    return failure(field_error("payload.unknown_field", path, name, "is no field of this action"));
  }
  return {};
}

bool fits(const Action& action, JsonValue payload) {
  std::vector<const PayloadField*> seen;
  std::size_t required = 0;
  const bool are_right = payload.each_member([&](std::string_view name, JsonValue value) {
    const auto rule = action.payload.find(name);
    if (rule == action.payload.end()) return action.payload_open;
    const PayloadField& field = rule->second;
    if (std::find(seen.begin(), seen.end(), &field) != seen.end()) return false;
    seen.push_back(&field);
    if (value.is_null()) return true;
    required += field.required ? 1 : 0;
    return has_value(field, value);
  });
  return are_right && required == static_cast<std::size_t>(std::count_if(
                                      action.payload.begin(), action.payload.end(),
                                      [](const auto& rule) { return rule.second.required; }));
}

}  // namespace landfall::profile
