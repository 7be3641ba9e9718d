#pragma once

#include <optional>

#include "engine/base/json_text.hpp"
#include "engine/sync/document.hpp"

namespace landfall::sync {

// A document that is read without a tree: what parse_document makes of it, or nothing where it
// would refuse it, or where a member comes twice. Then parse_document knows.
[[nodiscard]] std::optional<Document> read_document(JsonValue value,
                                                    VersionZero zero = VersionZero::refused);

}  // namespace landfall::sync
