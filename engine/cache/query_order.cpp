#include "engine/cache/query_order.hpp"

#include <span>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/base64.hpp"
#include "engine/cache/query_filter.hpp"
#include "schema/limits.hpp"

namespace landfall::cache {
namespace {

constexpr std::string_view kPath = "params";

tl::unexpected<Error> not_a_token() {
  return failure(field_error("field.value", kPath, "after",
                             "must be the `next` of a page with the same order"));
}

}  // namespace

bool comes_before(const Place& a, const Place& b, const Order& order) {
  const int by_key = compare(a.key, b.key);
  if (by_key != 0) return order.descending ? by_key > 0 : by_key < 0;
  return a.id < b.id;
}

Result<Order> parse_order(const profile::Entity& entity, const Json& sort) {
  Order order;
  LANDFALL_TRY_ASSIGN(order.name, string_at(sort, "by", "params.sort"));
  LANDFALL_TRY_ASSIGN(const auto direction, optional_string_at(sort, "order", "params.sort"));
  if (direction && *direction != "ascending" && *direction != "descending") {
    return failure(
        field_error("field.value", "params.sort", "order", "must be ascending or descending"));
  }
  order.descending = direction == "descending";
  if (order.name == "updated_at") {
    order.by = Order::By::updated_at;
  } else {
    order.by = Order::By::field;
    LANDFALL_TRY_ASSIGN(order.field, declared_field(entity, order.name, "params.sort.by"));
  }
  return order;
}

std::string to_token(const Place& place, const Order& order) {
  const std::string text =
      dump_json(Json::array({order.name, order.descending, to_json(place.key), place.id}));
  return to_base64(std::as_bytes(std::span(text)));
}

Result<Place> parse_token(const std::string& token, const Order& order) {
  const auto bytes = from_base64(token);
  if (!bytes) return not_a_token();
  const auto json = parse_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()},
                               JsonLimits{limits::kPageTokenBytesMax, 4});
  if (!json || !json->is_array() || json->size() != 4) return not_a_token();
  auto key = field_value_from((*json)[2]);
  if (!key || (*json)[0] != order.name || (*json)[1] != order.descending || !(*json)[3].is_string())
    return not_a_token();
  return Place{std::move(*key), (*json)[3].get<std::string>()};
}

}  // namespace landfall::cache
