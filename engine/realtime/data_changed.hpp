#pragma once

#include <cstdint>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall::realtime {

// The hub says that a document has a new version (A-40, wire.md "Realtime").
struct ChangedDocument {
  EntityKey entity;
  std::int64_t row_version = 0;
};

// The arguments of `DataChanged`: one object. Errors: hub.payload with the field.
[[nodiscard]] Result<ChangedDocument> parse_data_changed(const Json& arguments);

}  // namespace landfall::realtime
