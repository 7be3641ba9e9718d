#pragma once

#include <string>
#include <vector>

#include "engine/cache/field_value.hpp"
#include "engine/cache/query_order.hpp"

namespace landfall {
namespace profile {
struct Entity;
}
namespace sync {
struct View;
}
}  // namespace landfall

namespace landfall::cache {

// What queries look at of one document, as it is shown: what the user changed here counts.
struct DocumentFacts {
  std::vector<FieldValue> fields;  // of the entity's `filter`, in its order
  FieldValue updated_at;           // what only exists here yet is newer than everything
  std::string text;  // of the entity's `summary`, folded; the first limits::kSummaryTextBytesMax

  [[nodiscard]] const FieldValue& key_in(const Order& order) const;
};

[[nodiscard]] DocumentFacts facts_of(const profile::Entity& entity, const sync::View& view);

}  // namespace landfall::cache
