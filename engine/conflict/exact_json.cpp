#include "engine/conflict/exact_json.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include <nlohmann/json.hpp>

namespace landfall::conflict {
namespace {

// Wide enough for the sum of a few 64-bit numbers of either sign.
__extension__ using Wide = __int128;

Wide wide_of(const Json& number) {
  return number.is_number_unsigned() ? static_cast<Wide>(number.get<std::uint64_t>())
                                     : static_cast<Wide>(number.get<std::int64_t>());
}

std::strong_ordering order(double a, double b) {
  if (a < b) return std::strong_ordering::less;
  return a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::strong_ordering order(Wide whole, double fraction) {
  constexpr double kBeyond = 18446744073709551616.0;  // 2^64
  if (fraction >= kBeyond) return std::strong_ordering::less;
  if (fraction <= -kBeyond) return std::strong_ordering::greater;
  const double floor = std::floor(fraction);
  const auto below = static_cast<Wide>(floor);
  if (whole != below) return whole <=> below;
  return fraction > floor ? std::strong_ordering::less : std::strong_ordering::equal;
}

std::strong_ordering compare_numbers(const Json& a, const Json& b) {
  if (a.is_number_float() && b.is_number_float()) return order(a.get<double>(), b.get<double>());
  if (a.is_number_float()) return 0 <=> order(wide_of(b), a.get<double>());
  if (b.is_number_float()) return order(wide_of(a), b.get<double>());
  return wide_of(a) <=> wide_of(b);
}

int rank_of(const Json& value) {
  if (value.is_null()) return 0;
  if (value.is_boolean()) return 1;
  if (value.is_number()) return 2;
  if (value.is_string()) return 3;
  return value.is_array() ? 4 : 5;
}

std::strong_ordering compare_lists(const Json& a, const Json& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const auto items = compare_json(a[i], b[i]);
    if (items != 0) return items;
  }
  return a.size() <=> b.size();
}

std::strong_ordering compare_objects(const Json& a, const Json& b) {
  auto left = a.begin();
  auto right = b.begin();
  for (; left != a.end() && right != b.end(); ++left, ++right) {
    const auto keys = left.key().compare(right.key()) <=> 0;
    if (keys != 0) return keys;
    const auto values = compare_json(*left, *right);
    if (values != 0) return values;
  }
  return a.size() <=> b.size();
}

// The number as a double, when nothing of it is lost.
std::optional<double> exact_double(const Json& number) {
  const auto value = number.get<double>();
  if (number.is_number_float() || order(wide_of(number), value) == 0) return value;
  return std::nullopt;
}

}  // namespace

std::strong_ordering compare_json(const Json& a, const Json& b) {
  const int rank = rank_of(a);
  if (rank != rank_of(b)) return rank <=> rank_of(b);
  if (a.is_boolean()) return a.get<bool>() <=> b.get<bool>();
  if (a.is_number()) return compare_numbers(a, b);
  if (a.is_string()) {
    return a.get_ref<const std::string&>().compare(b.get_ref<const std::string&>()) <=> 0;
  }
  if (a.is_array()) return compare_lists(a, b);
  return a.is_object() ? compare_objects(a, b) : std::strong_ordering::equal;
}

std::optional<Json> add_delta(const Json& theirs, const Json& mine, const Json& base) {
  if (!theirs.is_number_float() && !mine.is_number_float() && !base.is_number_float()) {
    const Wide sum = wide_of(theirs) + wide_of(mine) - wide_of(base);
    if (sum > static_cast<Wide>(std::numeric_limits<std::uint64_t>::max())) return std::nullopt;
    if (sum < static_cast<Wide>(std::numeric_limits<std::int64_t>::min())) return std::nullopt;
    return sum < 0 ? Json(static_cast<std::int64_t>(sum)) : Json(static_cast<std::uint64_t>(sum));
  }
  const auto a = exact_double(theirs);
  const auto b = exact_double(mine);
  const auto c = exact_double(base);
  if (!a || !b || !c) return std::nullopt;
  // Mine and theirs first, so that it does not matter which of them is called which.
  const double sum = (*a + *b) - *c;
  if (!std::isfinite(sum)) return std::nullopt;
  return Json(sum);
}

}  // namespace landfall::conflict
