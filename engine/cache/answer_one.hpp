#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/cache/memory_tier.hpp"
#include "engine/cache/query.hpp"
#include "engine/cache/run_query.hpp"

namespace landfall::store {
class Snapshot;
}

namespace landfall::cache {

// What documents.query is answered that names one document by its id: run_query's answer, to the
// byte, as a text.
struct OneAnswer {
  std::string reply;
  std::optional<EntityKey> used;
  std::vector<EntityKey> refresh;
};

// From memory, without a look at the database; nothing when that has to be looked at.
[[nodiscard]] std::optional<OneAnswer> answer_from_memory(MemoryTier& memory,
                                                          const Profile& profile,
                                                          const Query& query, Instant now);

// From the database. A document over which nothing is laid is kept in `memory`, also when it was
// asked for by an id that it had before. `before`: memory's moment before the snapshot.
[[nodiscard]] Result<OneAnswer> answer_one(const store::Snapshot& snapshot,
                                           const ViewSource& source, MemoryTier& memory,
                                           MemoryTier::Moment before, const Query& query,
                                           Instant now);

}  // namespace landfall::cache
