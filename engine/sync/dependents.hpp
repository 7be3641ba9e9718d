#pragma once

#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {
class Reader;
}

namespace landfall::sync {

// The operation, and all that stands on it through `after` and is not settled, in order of
// acceptance: what is decided about the first is decided about all of them.
[[nodiscard]] Result<std::vector<Operation>> with_dependents(const store::Reader& reader,
                                                             Operation operation);

[[nodiscard]] std::vector<OperationId> ids_of(const std::vector<Operation>& operations);

}  // namespace landfall::sync
