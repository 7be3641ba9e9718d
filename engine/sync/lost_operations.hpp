#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/conflict/conflict.hpp"
#include "engine/sync/document.hpp"
#include "engine/sync/operation.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
class Sealer;
}  // namespace landfall::store

namespace landfall::sync {

// An operation that the server found in conflict, with all that stands on it and what it met.
struct Lost {
  std::vector<Operation> operations;  // in order of acceptance; the first is the one in conflict
  std::int64_t row_version = 0;       // of the server's document
  // An attestation proves one operation and no other: where one of them carries one, nobody but the
  // user can make it anew (C-25).
  bool attested = false;
  // One of them carries the app's word that its user was looked at, which was said of that version
  // and no other (P-58).
  bool has_word = false;
  conflict::Contest contest;
};

// What the operation's verdict says that it met. Nothing when the server did not say what it has,
// or the profile has no such action any more: then nobody can merge. `server_offset`: how far the
// server's clock is ahead of the device's.
[[nodiscard]] Result<std::optional<Lost>> read_lost(const store::Reader& reader,
                                                    const store::Sealer& outbox_key,
                                                    const Profile& profile,
                                                    const Operation& operation,
                                                    Duration server_offset);

// The same of these, which met `theirs`.
[[nodiscard]] Result<std::optional<Lost>> read_lost(const store::Reader& reader,
                                                    const store::Sealer& outbox_key,
                                                    const Profile& profile,
                                                    std::vector<Operation> operations,
                                                    const Document& theirs, Duration server_offset);

// The same of a conflict in the inbox, as it stands now. With what stood on the operation when an
// earlier decision superseded it, if that decision was taken back.
[[nodiscard]] Result<std::optional<Lost>> read_lost(const store::Reader& reader,
                                                    const store::Sealer& outbox_key,
                                                    const Profile& profile,
                                                    const conflict::Conflict& conflict);

// Only its operations.
[[nodiscard]] Result<std::vector<Operation>> lost_operations(const store::Reader& reader,
                                                             const conflict::Conflict& conflict);

}  // namespace landfall::sync
