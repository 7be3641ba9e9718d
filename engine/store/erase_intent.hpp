#pragma once

#include <optional>
#include <string>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"

namespace landfall::store {

class Reader;
class Transaction;

// A partition that is being forgotten (INV-X2): kept in device.db's `meta` from before its keys go
// until its last file is gone, so that a process which dies in between carries on.
struct EraseIntent {
  PartitionId partition;
  std::optional<PartitionId> owner;  // names the user's token key, when nothing else needs it

  friend bool operator==(const EraseIntent&, const EraseIntent&) = default;
};

[[nodiscard]] Result<std::optional<EraseIntent>> read_erase_intent(const Reader& device);
[[nodiscard]] Status write_erase_intent(Transaction& device, const EraseIntent& intent);
// The rows that say who logged in here, and by what they unlock the app, go first, so that the log
// which still holds it can be emptied while the intent stands.
[[nodiscard]] Status forget_session(Transaction& device, const EraseIntent& intent);
[[nodiscard]] Status clear_erase_intent(Transaction& device);

// Refused with partition.pending unless exactly what waits is given up by its number: who asked did
// not know of the others.
[[nodiscard]] Status check_erase(std::int64_t pending, std::int64_t discard_pending);

}  // namespace landfall::store
