#pragma once

#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {

class Reader;
class Transaction;

// Whether anything beside its lane still needs a settled operation: a notice that nobody has seen,
// an open conflict of its entity, what waits for the entity that it makes, or an upload on its way.
[[nodiscard]] Result<bool> is_still_needed(const Reader& reader, const sync::Operation& operation);

// Deletes a settled operation with its base, its references, the notices that were seen and the
// conflict that was decided.
[[nodiscard]] Status forget_operation(Transaction& tx, const sync::Operation& operation);

}  // namespace landfall::store
