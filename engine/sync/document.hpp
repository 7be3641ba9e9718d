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

// What is gone without ever having been has no version yet: a server that is asked for an id which
// it does not know says so with version 0, and the first version of a document of that id is newer.
// Only the answer to somebody who named the id may say it.
enum class VersionZero { refused, of_what_never_was };

// Checks every field of an untrusted document; errors name the field below `path`.
[[nodiscard]] Result<Document> parse_document(const Json& value, std::string_view path,
                                              VersionZero zero = VersionZero::refused);

}  // namespace landfall::sync
