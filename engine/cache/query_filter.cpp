#include "engine/cache/query_filter.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/profile/entity.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

using Kind = FieldValue::Kind;

constexpr std::string_view kPath = "params.filter";

Result<FieldValue> parse_value(const Json& value, const std::string& path, std::string_view key) {
  if (value.is_structured()) {
    return failure(field_error(
        "field.type", path, key,
        std::string{"expected a text, a number, true, false or null, got "} + value.type_name()));
  }
  if (value.is_string() &&
      value.get_ref<const std::string&>().size() > limits::kFilterTextBytesMax) {
    return failure(field_error(
        "field.value", path, key,
        "must be at most " + std::to_string(limits::kFilterTextBytesMax) + " bytes long"));
  }
  return FieldValue::of(&value);
}

Result<Condition::Bound> parse_bound(const Json& value, const std::string& path,
                                     const std::string& key) {
  if (!value.is_string() && !value.is_number()) {
    return failure(
        field_error("field.type", path, key,
                    std::string{"expected a text or a number, got "} + value.type_name()));
  }
  LANDFALL_TRY_ASSIGN(FieldValue bound, parse_value(value, path, key));
  return Condition::Bound{std::move(bound), key.size() == 3};  // gte and lte, not gt and lt
}

Status parse_list(const Json& list, const std::string& path, Condition& condition) {
  if (!list.is_array()) {
    return failure(field_error("field.type", path, "in",
                               std::string{"expected a list, got "} + list.type_name()));
  }
  if (list.empty() || list.size() > limits::kFilterValuesMax) {
    return failure(
        field_error("field.value", path, "in",
                    "must be 1 to " + std::to_string(limits::kFilterValuesMax) + " items long"));
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    LANDFALL_TRY_ASSIGN(FieldValue value,
                        parse_value(list[i], path, "in[" + std::to_string(i) + "]"));
    condition.any_of.push_back(std::move(value));
  }
  return {};
}

Status parse_end(std::optional<Condition::Bound>& end, const Json& value, const std::string& path,
                 const std::string& key) {
  if (end) return failure(field_error("field.value", path, key, "says the same end twice"));
  LANDFALL_TRY_ASSIGN(end, parse_bound(value, path, key));
  return {};
}

Status check_range(const Condition& condition, const std::string& path) {
  const bool has_end = condition.least || condition.most;
  if (condition.any_of.empty() == has_end) {
    if (condition.least && condition.most &&
        condition.least->value.kind != condition.most->value.kind) {
      return failure(field_error("field.type", "", path, "has two ends of different types"));
    }
    return {};
  }
  return failure(
      field_error("field.value", "", path,
                  has_end ? "has both a list and an end" : "expected in, gt, gte, lt or lte"));
}

Status parse_range(const Json& range, const std::string& path, Condition& condition) {
  for (const auto& [key, value] : range.items()) {
    if (key == "in") {
      LANDFALL_TRY(parse_list(value, path, condition));
    } else if (key == "gt" || key == "gte") {
      LANDFALL_TRY(parse_end(condition.least, value, path, key));
    } else if (key == "lt" || key == "lte") {
      LANDFALL_TRY(parse_end(condition.most, value, path, key));
    } else {
      return failure(field_error("field.unknown", path, path_part(key),
                                 "is not known here; expected in, gt, gte, lt or lte"));
    }
  }
  return check_range(condition, path);
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

}  // namespace

bool Condition::holds(const FieldValue& value) const {
  if (!any_of.empty()) {
    return std::any_of(any_of.begin(), any_of.end(),
                       [&](const FieldValue& wanted) { return compare(wanted, value) == 0; });
  }
  if (least) {
    const int order = compare(least->value, value);
    if (least->value.kind != value.kind || order > 0 || (order == 0 && !least->inclusive))
      return false;
  }
  if (!most) return true;
  const int order = compare(value, most->value);
  return most->value.kind == value.kind && (order < 0 || (order == 0 && most->inclusive));
}

Result<std::size_t> declared_field(const profile::Entity& entity, const std::string& name,
                                   const std::string& field) {
  const auto found = std::find(entity.filter.begin(), entity.filter.end(), name);
  if (found != entity.filter.end())
    return static_cast<std::size_t>(std::distance(entity.filter.begin(), found));
  return failure(field_error("query.unknown_field", "", field,
                             "is no field that " + entity.type +
                                 " declares for filters and sorting: " + list_of(entity.filter)));
}

Result<std::vector<Condition>> parse_filter(const profile::Entity& entity, const Json& filter) {
  std::vector<Condition> conditions;
  for (const auto& [name, wanted] : filter.items()) {
    const std::string path = std::string{kPath} + "." + path_part(name);
    Condition condition;
    LANDFALL_TRY_ASSIGN(condition.field, declared_field(entity, name, path));
    if (wanted.is_object()) {
      LANDFALL_TRY(parse_range(wanted, path, condition));
    } else {
      LANDFALL_TRY_ASSIGN(FieldValue value,
                          parse_value(wanted, std::string{kPath}, path_part(name)));
      condition.any_of.push_back(std::move(value));
    }
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

}  // namespace landfall::cache
