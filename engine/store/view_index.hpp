#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall::store {

class Reader;

// Ids of the entities of `entity_type` that may have a view: those with a document that is no
// tombstone, and those with an operation that is laid over one or an entity of a verdict that is
// not yet one. In order of their bytes, behind `after` (empty: from the first), at most `limit`.
[[nodiscard]] Result<std::vector<std::string>> viewable_ids(const Reader& reader,
                                                            std::string_view entity_type,
                                                            std::string_view after,
                                                            std::size_t limit);

// A document that is no tombstone, without its body.
struct DocumentRow {
  std::string id;
  std::int64_t row_version = 0;
  Instant stored_at;
};

// The two halves of viewable_ids, each in its order: documents that are shown as they are, and ids
// of entities that something is laid over.
[[nodiscard]] Result<std::vector<DocumentRow>> plain_documents(const Reader& reader,
                                                               std::string_view entity_type,
                                                               std::string_view after,
                                                               std::size_t limit);
[[nodiscard]] Result<std::vector<std::string>> overlaid_ids(const Reader& reader,
                                                            std::string_view entity_type,
                                                            std::string_view after,
                                                            std::size_t limit);

}  // namespace landfall::store
