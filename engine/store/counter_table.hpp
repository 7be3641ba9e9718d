#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.hpp"

namespace landfall::store {

class Reader;
class Transaction;

struct CounterChange {
  std::string_view name;
  std::int64_t difference = 0;
};

// Named sums that change in the same transaction as the rows they count, so that nothing is counted
// at open.
struct CounterTable final {
  // Zero when it was never set.
  [[nodiscard]] static Result<std::int64_t> get(const Reader& reader, std::string_view name);
  [[nodiscard]] static Status set(Transaction& tx, std::string_view name, std::int64_t value);
  [[nodiscard]] static Status add(Transaction& tx, const CounterChange& change);
  // Both at once: what is counted and how much it is change together.
  [[nodiscard]] static Status add(Transaction& tx, const CounterChange& one,
                                  const CounterChange& other);
};

// Written by the sync queue.
inline constexpr std::string_view kOutboxOperations = "outbox.operations";  // not settled
inline constexpr std::string_view kOutboxBytes = "outbox.bytes";            // theirs
inline constexpr std::string_view kOutboxHoldUntilMs =
    "outbox.hold_until_ms";  // no push before it (Retry-After)

}  // namespace landfall::store
