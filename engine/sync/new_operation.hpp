#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {
class Reader;
}

namespace landfall::sync {

class QueueStep;
struct PreparedEnqueue;

// How an operation enters the outbox, whoever makes it: the host, the rules of a merge, or the
// user's word in a conflict.

// What it finds in its lane.
struct Lane {
  std::int64_t open = 0;  // operations that are not settled
  std::vector<OperationId>
      leaving;  // of those: decided anew by this one, or standing on one that is
};

// The version that an endpoint's call names behind this device's applied operations of the entity,
// accepted up to that one: what they produced, as their verdicts said it or at the least
// (OperationTable::least_produced); else what is known here; else the first. Of an entity that
// somebody else changed meanwhile the server has a newer one, and finds a conflict.
[[nodiscard]] Result<std::int64_t> version_behind_lane(const store::Reader& reader,
                                                       const EntityKey& entity,
                                                       std::int64_t last_seq);

// What the operation is made on top of: an operation that is still laid over the document
// (`after`), else a version of it (`base_version`); blocked at once where that one holds it.
// `prepared` has an action. Errors: operation.invalid (with the field).
[[nodiscard]] Status stand_on(const store::Reader& reader, const PreparedEnqueue& prepared,
                              const Lane& lane, Operation& operation);

// The rows of an operation that knows what it stands on and when it was made: fills in the rest of
// it. `prepared` has an action.
[[nodiscard]] Status insert(QueueStep& step, const PreparedEnqueue& prepared, Operation& operation);

}  // namespace landfall::sync
