#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/json.hpp"

namespace landfall::cache {

// A field of a document's data as queries compare it. Values of different kinds are in the order of
// the kinds; those of one kind by value: false before true, numbers exactly, also an integer beside
// a fraction, texts by their bytes, of which the first limits::kFieldTextBytesMax count. Lists and
// objects are all alike.
struct FieldValue {
  enum class Kind { none = 0, boolean = 1, number = 2, text = 3, other = 4 };

  Kind kind = Kind::none;  // none: the field is null or not there
  double number = 0;       // the nearest one, of a number; 1 is true
  std::int64_t rest = 0;   // what `number` lacks to the integer that it stands for
  std::string text;

  // `value` may be null: the field is not there.
  [[nodiscard]] static FieldValue of(const Json* value);
  [[nodiscard]] static FieldValue of_integer(std::int64_t value);
  [[nodiscard]] static FieldValue last() { return {Kind::other, 0, 0, {}}; }
};

// Negative, zero or positive as `a` comes before, with or after `b`.
[[nodiscard]] int compare(const FieldValue& a, const FieldValue& b);

// As a list of plain values, and back; nothing for anything that to_json would not have written.
[[nodiscard]] Json to_json(const FieldValue& value);
[[nodiscard]] std::optional<FieldValue> field_value_from(const Json& json);

}  // namespace landfall::cache
