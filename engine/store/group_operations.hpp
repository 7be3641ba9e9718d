#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.hpp"

namespace landfall::store {

class Reader;

// How many operations about entities of that type carry that group_id and still stand for
// something: all but those that are superseded, cancelled or discarded. Reads the rows of that type
// of entity, of whatever group.
[[nodiscard]] Result<std::int64_t> count_in_group(const Reader& reader,
                                                  const std::string& entity_type,
                                                  const std::string& group_id);

}  // namespace landfall::store
