#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/conflict/conflict.hpp"

namespace landfall::store {

class Reader;
class Sealer;
class Transaction;

struct ConflictPage {
  std::vector<conflict::Conflict> conflicts;
  bool has_more = false;
};

// The conflict inbox. What was decided can be looked up for as long as its operation is kept
// (store/forget_operation). Bodies are sealed under the outbox key; seal.broken when one cannot be
// trusted.
struct ConflictTable final {
  // Its operation has none yet.
  [[nodiscard]] static Status insert(Transaction& tx, Sealer& outbox_key,
                                     const conflict::Conflict& conflict);
  // What changes with a decision, or with the document that it waited for: state, generation,
  // row_version, lost, heirs, taken_back, resolved and body.
  [[nodiscard]] static Status save(Transaction& tx, Sealer& outbox_key,
                                   const conflict::Conflict& conflict);
  [[nodiscard]] static Result<std::optional<conflict::Conflict>> find(const Reader& reader,
                                                                      const Sealer& outbox_key,
                                                                      const OperationId& operation);
  // In order, behind `after_seq`: at most `limit`, and no more than bodies of kConflictBytesMax
  // together, but one in any case. Those that are not open as well when `settled`.
  [[nodiscard]] static Result<ConflictPage> list(const Reader& reader, const Sealer& outbox_key,
                                                 bool settled, std::int64_t after_seq,
                                                 std::size_t limit);
  [[nodiscard]] static Result<std::int64_t> count_open(const Reader& reader);
};

}  // namespace landfall::store
