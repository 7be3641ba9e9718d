#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace landfall::store {

class Reader;

// Ids of the entities of `entity_type` that may have a view: those with a document that is no
// tombstone, and those with an operation that is laid over one or an entity of a verdict that is
// not yet one. In order of their bytes, behind `after` (empty: from the first), at most `limit`.
[[nodiscard]] Result<std::vector<std::string>> viewable_ids(const Reader& reader,
                                                            std::string_view entity_type,
                                                            std::string_view after,
                                                            std::size_t limit);

}  // namespace landfall::store
