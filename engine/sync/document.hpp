#pragma once

#include <cstdint>
#include <string>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall::sync {

// The server's last known state of one entity, as wire.md names it.
struct Document {
  EntityKey entity;
  std::int64_t row_version = 0;
  Instant updated_at;
  bool deleted = false;
  std::string data;  // compact JSON object; "{}" when deleted
};

// Checks every field of an untrusted document; errors name the field below `path`.
[[nodiscard]] Result<Document> parse_document(const Json& value, std::string_view path);

}  // namespace landfall::sync
