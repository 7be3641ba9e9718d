#include "engine/host/api_schema.hpp"

#include <cstddef>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/ids.hpp"
#include "schema/embedded.hpp"

namespace landfall::host {
namespace {

const Json& api() {
  static const Json schema = Json::parse(schema::api_json());
  return schema;
}

tl::unexpected<Error> wrong_type(std::string_view path, std::string_view key,
                                 std::string_view expected, const Json& got) {
  return failure(field_error("field.type", path, key,
                             "expected " + std::string{expected} + ", got " + got.type_name()));
}

tl::unexpected<Error> wrong_value(std::string_view path, std::string_view key,
                                  std::string expected) {
  return failure(field_error("field.value", path, key, "must be " + std::move(expected)));
}

Status check_fields(const Json& fields, const Json& object, const std::string& path);

// A text that must be one of a few.
Status check_choice(const Json& rule, const Json& value, std::string_view path,
                    std::string_view key) {
  const auto choices = rule.find("one_of");
  if (choices == rule.end()) return {};
  std::string expected = "one of";
  for (const auto& choice : *choices) {
    if (choice == value) return {};
    expected += " " + choice.get<std::string>();
  }
  return wrong_value(path, key, std::move(expected));
}

Status check_text(const Json& rule, const Json& value, std::string_view path,
                  std::string_view key) {
  if (!value.is_string()) return wrong_type(path, key, "a string", value);
  const std::size_t bytes = value.get_ref<const std::string&>().size();
  const auto least = rule.value("bytes_min", std::size_t{0});
  const auto most = rule.value("bytes_max", std::numeric_limits<std::size_t>::max());
  if (bytes < least || bytes > most) {
    return wrong_value(path, key,
                       std::to_string(least) + " to " + std::to_string(most) + " bytes long");
  }
  return check_choice(rule, value, path, key);
}

Status check_integer(const Json& rule, const Json& value, std::string_view path,
                     std::string_view key) {
  if (!value.is_number_integer()) return wrong_type(path, key, "an integer", value);
  const auto least = rule.value("min", std::numeric_limits<std::int64_t>::min());
  const auto most = rule.value("max", std::numeric_limits<std::int64_t>::max());
  const bool too_large = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() >
                             static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (too_large || value.get<std::int64_t>() < least || value.get<std::int64_t>() > most) {
    return wrong_value(path, key, "from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return {};
}

Status check_uuid(const Json& value, std::string_view path, std::string_view key) {
  if (!value.is_string()) return wrong_type(path, key, "a UUID", value);
  if (!detail::parse_uuid(value.get_ref<const std::string&>()))
    return wrong_value(path, key, "a UUID");
  return {};
}

Status check_array(const Json& rule, const Json& value, const std::string& path,
                   std::string_view key) {
  if (!value.is_array()) return wrong_type(path, key, "an array", value);
  const auto least = rule.value("items_min", std::size_t{0});
  const auto most = rule.value("items_max", std::numeric_limits<std::size_t>::max());
  if (value.size() < least || value.size() > most) {
    return wrong_value(path, key,
                       std::to_string(least) + " to " + std::to_string(most) + " items long");
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string item = path + "." + std::string{key} + "[" + std::to_string(i) + "]";
    if (!value[i].is_object())
      return failure(field_error("field.type", "", item, "expected an object"));
    LANDFALL_TRY(check_fields(rule.at("items"), value[i], item));
  }
  return {};
}

Status check_field(const Json& rule, const Json& value, const std::string& path,
                   const std::string& key) {
  const auto& type = rule.at("type").get_ref<const std::string&>();
  if (type == "string" || type == "secret") return check_text(rule, value, path, key);
  if (type == "integer") return check_integer(rule, value, path, key);
  if (type == "uuid") return check_uuid(value, path, key);
  if (type == "array") return check_array(rule, value, path, key);
  if (type == "boolean")
    return value.is_boolean() ? Status{} : Status{wrong_type(path, key, "true or false", value)};
  LANDFALL_ASSERT(type == "object");
  if (!value.is_object()) return wrong_type(path, key, "an object", value);
  if (!rule.contains("fields")) return {};
  return check_fields(rule.at("fields"), value, path + "." + key);
}

Status check_fields(const Json& fields, const Json& object, const std::string& path) {
  const auto& rules = fields.get_ref<const Json::object_t&>();
  const auto& members = object.get_ref<const Json::object_t&>();
  std::size_t known = 0;
  for (const auto& [key, rule] : rules) {
    const auto found = members.find(key);
    known += found != members.end() ? 1 : 0;
    if (found != members.end() && !found->second.is_null()) {
      LANDFALL_TRY(check_field(rule, found->second, path, key));
    } else if (rule.value("required", false)) {
      return failure(field_error("field.missing", path, key, "is missing"));
    } else if (found != members.end()) {
      return wrong_type(path, key, rule.at("type").get<std::string>(), found->second);
    }
  }
  if (known == members.size()) return {};
  for (const auto& [key, value] : members) {
    if (!rules.contains(key))
      return failure(field_error("field.unknown", path, path_part(key), "is not known here"));
  }
  return {};
}

}  // namespace

Status check_params(std::string_view request, const Json& params) {
  const auto& requests = api().at("requests");
  const auto found = requests.find(std::string{request});
  if (found == requests.end()) {
    return failure(Error{ErrorClass::invalid, "request.unknown",
                         "there is no request " + quote_input(request), "request"});
  }
  if (!params.is_object())
    return failure(field_error("field.type", "", "params", "expected an object"));
  return check_fields(found->at("params"), params, "params");
}

}  // namespace landfall::host
