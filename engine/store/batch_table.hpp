#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall::store {

class Reader;
class Transaction;

// A call in flight that carries operations, written before it leaves so that a crash finds it.
struct BatchRow {
  BatchId id;
  Instant sent_at;
  std::int64_t operations = 0;
  std::int64_t bytes = 0;  // of the body
};

struct BatchTable final {
  [[nodiscard]] static Status insert(Transaction& tx, const BatchRow& row);
  [[nodiscard]] static Result<std::vector<BatchRow>> in_flight(const Reader& reader);
  [[nodiscard]] static Status remove(Transaction& tx, const BatchId& id);
  [[nodiscard]] static Status clear(Transaction& tx);
};

}  // namespace landfall::store
