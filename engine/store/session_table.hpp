#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {

// One row of device.db's `sessions`: a (user, organisation) that once logged in here. Only session
// writes this table (schema/README.md). At most one row is active, which the schema enforces.
struct SessionRow {
  std::string user_id;
  std::string organisation;
  std::string email;
  PartitionId partition;
};

[[nodiscard]] Result<std::optional<SessionRow>> read_active_session(const Reader& device);

// Makes this row the active one and the others inactive; a row of the same user and organisation
// keeps its place.
[[nodiscard]] Status activate_session(Transaction& device, const SessionRow& row, Instant now);

// Whether this user ever logged in here: then a partition with keys of its own exists.
[[nodiscard]] Result<bool> has_session(const Reader& device, std::string_view user_id,
                                       std::string_view organisation);

// Whether this user logged in to another partition as well: then their token key is still needed.
[[nodiscard]] Result<bool> has_other_sessions(const Reader& device, std::string_view user_id,
                                              const PartitionId& partition);

// This user's partitions beside that one, who was there longest ago first.
[[nodiscard]] Result<std::vector<SessionRow>> other_sessions(const Reader& device,
                                                             std::string_view user_id,
                                                             const PartitionId& partition);

// What the server said of this user, sealed (auth::UserRecord); nothing when nothing was stored.
[[nodiscard]] Result<std::optional<std::vector<std::byte>>> read_profile_data(
    const Reader& device, std::string_view user_id, std::string_view organisation);
[[nodiscard]] Status write_profile_data(Transaction& device, std::string_view user_id,
                                        std::string_view organisation,
                                        std::span<const std::byte> sealed);

// Nobody is active any more and what the server said of the user is gone, in the rows of their
// other organisations too (I-26, step 3). The rows stay: they name the partitions whose pending
// work waits for its owner (INV-A12).
[[nodiscard]] Status deactivate_sessions(Transaction& device);

}  // namespace landfall::store
