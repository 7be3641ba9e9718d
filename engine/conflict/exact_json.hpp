#pragma once

#include <compare>
#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/json.hpp"

// Comparing and adding JSON values without losing a bit. The library's own comparison goes through
// a double where a whole number meets a fraction, and through a signed number where signs differ:
// it takes 9007199254740993 for 9007199254740992.0, and -1 for 18446744073709551615.
namespace landfall::conflict {

// A total order: null, booleans, numbers by value (1 equals 1.0), texts by their bytes, lists, then
// objects by their members in order.
[[nodiscard]] std::strong_ordering compare_json(const Json& a, const Json& b);

[[nodiscard]] inline bool is_same(const Json& a, const Json& b) {
  return compare_json(a, b) == std::strong_ordering::equal;
}

struct JsonLess {
  using is_transparent = void;
  bool operator()(const Json* a, const Json* b) const { return compare_json(*a, *b) < 0; }
};

// theirs + (mine - base), all numbers. Whole numbers are added exactly. Nothing when the sum cannot
// be written (beyond 64 bits, not finite) or when a whole number meets a fraction and does not fit
// into its 53 bits.
[[nodiscard]] std::optional<Json> add_delta(const Json& theirs, const Json& mine, const Json& base);

}  // namespace landfall::conflict
