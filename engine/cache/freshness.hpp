#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/cache/query.hpp"
#include "engine/cache/run_query.hpp"

namespace landfall::store {
class Reader;
}

namespace landfall::cache {

// How current an answer is, and what asking the server for would make it more so (P-4, P-26).
//
// A document is as of the instant at which the server last said that this is its version, or at
// which the last pull of its scope reached its end, whichever is later: such a pull names
// everything that changed. A list of a type that a scope carries is as of that pull, and so is the
// answer that a document of tier 1 is not there, unless some of tier 1 did not fit (BeyondTier1). A
// list of any other type is as of the document on it that was confirmed longest ago, and nobody
// knows what it lacks.
struct Freshness {
  std::vector<std::optional<Instant>>
      fetched_at;                // of the page's documents; none: it only exists here
  std::optional<Instant> as_of;  // of the answer; none: the server never said
  bool is_fresh = false;   // as_of is no longer ago than the type's max_age_s, and not ahead of now
  std::int64_t rowid = 0;  // of the one document that the query names, if it is stored

  // What the query's `refresh` asks for: these documents, or the scopes.
  std::vector<EntityKey> refresh;
  bool pull = false;
};

// How old an answer of the query may be.
[[nodiscard]] Duration max_age_of(const Profile& profile, const Query& query);

// One that lies ahead of `now` was noted by a clock that was wrong, and is not.
[[nodiscard]] bool is_fresh_at(Instant at, Duration max_age, Instant now);

[[nodiscard]] Result<Freshness> freshness_of(const store::Reader& reader, const Profile& profile,
                                             const Query& query, const QueryPage& page,
                                             Instant now);

}  // namespace landfall::cache
