#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"

namespace landfall::store {

class Reader;
class Sealer;
class Transaction;

// What the document was when the user acted on it: the third leg of a merge.
struct Base {
  std::int64_t row_version = 0;
  std::string data;  // compact JSON object
};

// Sealed under the outbox key, so that a merge does not need the documents key.
struct BaseTable final {
  [[nodiscard]] static Status insert(Transaction& tx, Sealer& outbox_key,
                                     std::int64_t operation_seq, const OperationId& id,
                                     const Base& base);
  // Nothing when the operation stands on another one or on nothing. seal.broken when it cannot be
  // trusted.
  [[nodiscard]] static Result<std::optional<Base>> find(const Reader& reader,
                                                        const Sealer& outbox_key,
                                                        std::int64_t operation_seq,
                                                        const OperationId& id);
};

}  // namespace landfall::store
