#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/cache/field_value.hpp"

namespace landfall {
namespace profile {
struct Entity;
}
}  // namespace landfall

namespace landfall::cache {

// The order of a query's documents. Those that are alike in it come by id, upwards in both
// directions, so that the order is always the same one.
struct Order {
  enum class By { id, updated_at, field };

  By by = By::id;
  std::size_t field = 0;  // in the entity's `filter`, with By::field
  std::string name;       // of the field; "updated_at"; empty with By::id
  bool descending = false;
};

// Where a document stands in an order.
struct Place {
  FieldValue key;
  std::string id;
};

[[nodiscard]] bool comes_before(const Place& a, const Place& b, const Order& order);

// The `sort` of documents.query: {"by": "<field of the entity's filter>" | "updated_at", "order":
// "ascending" (the default) | "descending"}. Errors: query.unknown_field, field.value.
[[nodiscard]] Result<Order> parse_order(const profile::Entity& entity, const Json& sort);

// A place as the host carries it from one page to the next (`next`, `after`). The next page begins
// behind the place, whether or not its document is still there: documents that did not change are
// seen once each, however many others come, go or move meanwhile.
[[nodiscard]] std::string to_token(const Place& place, const Order& order);
// field.value for what is no token, or one of another order.
[[nodiscard]] Result<Place> parse_token(const std::string& token, const Order& order);

}  // namespace landfall::cache
