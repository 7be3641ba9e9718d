#pragma once

#include <vector>

#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
}

namespace landfall::sync {

struct PreparedEnqueue;

// Refuses with operation.group_full, before anything is acknowledged, what would make a group
// larger than the call takes that carries it (`operations_max` of the endpoint; P-55, INV-Q15): one
// proof would decide more than a server lets it, and the group would go in pieces.
//
// Of a group are all operations that carry its id, of the types that leave in groups, whichever
// call takes them and whatever the server said of them: its user's one decision does not become
// smaller by being sent. Not those that were superseded, cancelled or discarded, nor `leaving`,
// which the new one takes the place of. What SettledPruning forgot is of no group any more.
// `prepared` has an action.
[[nodiscard]] Status check_group_room(const store::Reader& reader, const Profile& profile,
                                      const PreparedEnqueue& prepared,
                                      const std::vector<Operation>& leaving);

}  // namespace landfall::sync
