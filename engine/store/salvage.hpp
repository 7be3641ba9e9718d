#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall::store {

class Sealer;

// A damaged database and what is made of it.
struct SalvageOrder {
  std::string from;  // the damaged file; it and its log stay as they are
  std::string to;    // of the new one; there is no such file
  std::string vfs;   // of both; empty: the product's own
  Instant now;
  std::string kept_as = {};  // where the damaged one will be, below the engine's directory
};

// What became of the operations that had no verdict yet. `lost` is nothing when the damaged file
// does not even tell how many there were.
struct Salvaged {
  std::int64_t recovered = 0;
  std::optional<std::int64_t> lost = 0;
};

// Makes a new partition of every operation that can still be read whole and opens under this key:
// the same seq, id, state and sealed bytes, with the bases, conflicts, aliases, notices and
// notifications. One that was in flight is found and becomes `unknown` when the queue opens, as
// after a crash. One that stands on a lost one is blocked, because the server must not see it
// first. Documents are not taken over; they are pulled again. What the host is to be told of it
// (DamageReport) stands in the new one, with what it has not been told before. Closed and on the
// medium when this returns. Errors: those of making a new database.
[[nodiscard]] Result<Salvaged> salvage_partition(const SalvageOrder& order,
                                                 const Sealer& outbox_key);

// Makes a new device.db of the rows that can still be read: the installation's id, who logged in
// here, their sealed token records, and what the host is to be told, as above.
[[nodiscard]] Status salvage_device(const SalvageOrder& order);

}  // namespace landfall::store
