#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"

namespace landfall::store {

class Transaction;

// Which entities the payloads of operations name (profile `refers_to`), by the ids that the server
// knows them by: what an operation refers to stays in the cache until it is settled (P-34,
// referring_operations). Written by the sync queue; OperationTable removes the rows of an operation
// that is settled.
struct NamedEntityTable final {
  // In the place of what stands there of the operation.
  [[nodiscard]] static Status replace(Transaction& tx, std::int64_t operation_seq,
                                      const std::vector<EntityKey>& entities);
  [[nodiscard]] static Status remove(Transaction& tx, std::int64_t operation_seq);
};

}  // namespace landfall::store
