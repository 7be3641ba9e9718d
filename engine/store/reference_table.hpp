#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall::store {

class Reader;
class Transaction;

// A create that has to be applied before another operation may leave.
struct NeededCreate {
  OperationId id;
  sync::OperationState state = sync::OperationState::queued;
};

// Which operations wait for which creates of other lanes, because their payloads name what those
// make (profile `refers_to`). A row stands until its create is applied; one of an operation that
// was settled before means nothing.
struct ReferenceTable final {
  [[nodiscard]] static Status insert(Transaction& tx, std::int64_t operation_seq,
                                     const OperationId& create);
  [[nodiscard]] static Status remove(Transaction& tx, std::int64_t operation_seq,
                                     const OperationId& create);
  // The entity is made by another create from now on.
  [[nodiscard]] static Status move(Transaction& tx, const OperationId& from, const OperationId& to);

  [[nodiscard]] static Result<std::vector<NeededCreate>> needed_by(const Reader& reader,
                                                                   std::int64_t operation_seq);
};

}  // namespace landfall::store
