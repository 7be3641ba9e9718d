#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
}

namespace landfall::sync {

// What the outbox still takes, of the smaller of the app's bounds and the engine's; never below
// zero.
[[nodiscard]] Result<Room> free_room(const store::Reader& reader, const Profile& profile);

// Refuses before anything is acknowledged what would go beyond a bound, and says which one and how
// much of it is free: storage.outbox_full, storage.outbox_bytes_full, operation.lane_full.
// `in_lane`: operations of its lane that are not settled. `bytes`: of the operation, at most.
[[nodiscard]] Status check_room(const store::Reader& reader, const Profile& profile,
                                std::int64_t in_lane, std::size_t bytes);

// Whether that error refuses one operation and nothing else: it wrote nothing, and others may still
// be accepted in the same transaction.
[[nodiscard]] bool refuses_one(const Error& error);

// How many operations are in each state of those that are not settled, and what else waits for its
// user: refusals that they were not yet shown (notices.seen says so), and open conflicts.
struct OutboxCounts {
  std::int64_t queued = 0;
  std::int64_t sending = 0;
  std::int64_t unknown = 0;
  std::int64_t blocked = 0;
  std::int64_t failed = 0;
  std::int64_t rejected = 0;
  std::int64_t conflicts = 0;
  std::int64_t bytes = 0;
  Room free;
};
[[nodiscard]] Result<OutboxCounts> count_outbox(const store::Reader& reader,
                                                const Profile& profile);

}  // namespace landfall::sync
