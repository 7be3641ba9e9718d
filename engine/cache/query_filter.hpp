#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/cache/field_value.hpp"

namespace landfall {
namespace profile {
struct Entity;
}
}  // namespace landfall

namespace landfall::cache {

// What a query wants of one field.
struct Condition {
  struct Bound {
    FieldValue value;
    bool inclusive = true;
  };

  std::size_t field = 0;           // in the entity's `filter`
  std::vector<FieldValue> any_of;  // it is one of these; empty: see the bounds
  std::optional<Bound> least;
  std::optional<Bound> most;  // of the same kind as `least`

  [[nodiscard]] bool holds(const FieldValue& value) const;
};

// The `filter` of documents.query: {"<field>": <value> | {"in": [<value>, …]} | {"gte" or "gt",
// "lte" or "lt": <value>}, …}. A value is a text of at most limits::kFilterTextBytesMax bytes, a
// number, true or false; beside "gte" and its like only a text or a number. null as a value is a
// field that is null or not there. Errors name the field below params.filter: query.unknown_field
// (the profile does not declare it), field.type, field.value, field.unknown.
[[nodiscard]] Result<std::vector<Condition>> parse_filter(const profile::Entity& entity,
                                                          const Json& filter);

// Where `name` stands in the entity's `filter`. query.unknown_field, with `field`, when it does
// not.
[[nodiscard]] Result<std::size_t> declared_field(const profile::Entity& entity,
                                                 const std::string& name, const std::string& field);

}  // namespace landfall::cache
