#include "engine/cache/field_value.hpp"

#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

using Kind = FieldValue::Kind;

// 2^63, the first number that no signed integer of 64 bits has.
constexpr double kInt64End = 9'223'372'036'854'775'808.0;

FieldValue of_unsigned(std::uint64_t value) {
  const auto nearest = static_cast<double>(value);
  // Beyond 2^63 the difference is taken modulo 2^64, where 2^64 itself counts as zero.
  const std::uint64_t whole = nearest >= 2 * kInt64End ? 0 : static_cast<std::uint64_t>(nearest);
  return {Kind::number, nearest, static_cast<std::int64_t>(value - whole), {}};
}

template <class T>
int order_of(const T& a, const T& b) {
  if (a < b) return -1;
  return b < a ? 1 : 0;
}

}  // namespace

FieldValue FieldValue::of_integer(std::int64_t value) {
  if (value >= 0) return of_unsigned(static_cast<std::uint64_t>(value));
  const auto nearest = static_cast<double>(value);
  return {Kind::number, nearest, value - static_cast<std::int64_t>(nearest), {}};
}

FieldValue FieldValue::of(const Json* value) {
  if (value == nullptr || value->is_null()) return {};
  if (value->is_boolean()) return {Kind::boolean, value->get<bool>() ? 1.0 : 0.0, 0, {}};
  if (value->is_number_unsigned()) return of_unsigned(value->get<std::uint64_t>());
  if (value->is_number_integer()) return of_integer(value->get<std::int64_t>());
  if (value->is_number()) return {Kind::number, value->get<double>(), 0, {}};
  if (!value->is_string()) return last();
  const auto& text = value->get_ref<const std::string&>();
  return {Kind::text, 0, 0, std::string{first_characters(text, limits::kFieldTextBytesMax)}};
}

int compare(const FieldValue& a, const FieldValue& b) {
  if (const int kind = order_of(a.kind, b.kind); kind != 0) return kind;
  if (const int number = order_of(a.number, b.number); number != 0) return number;
  if (const int rest = order_of(a.rest, b.rest); rest != 0) return rest;
  return order_of(a.text, b.text);
}

Json to_json(const FieldValue& value) {
  return Json::array({static_cast<int>(value.kind), value.number, value.rest, value.text});
}

std::optional<FieldValue> field_value_from(const Json& json) {
  if (!json.is_array() || json.size() != 4) return std::nullopt;
  const bool typed = json[0].is_number_unsigned() && json[1].is_number() &&
                     json[2].is_number_integer() && json[3].is_string();
  if (!typed || json[0].get<std::uint64_t>() > static_cast<std::uint64_t>(Kind::other))
    return std::nullopt;
  return FieldValue{static_cast<Kind>(json[0].get<int>()), json[1].get<double>(),
                    json[2].get<std::int64_t>(), json[3].get<std::string>()};
}

}  // namespace landfall::cache
