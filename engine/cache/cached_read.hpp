#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/cache/answer_source.hpp"
#include "engine/cache/run_query.hpp"
#include "engine/profile/cached_read.hpp"
#include "engine/sync/list_call.hpp"

namespace landfall::cache {

// reads.get: a GET that the profile keeps, from the server, and offline as it was answered last
// (P-67, P-91, P-92, P-97).

struct ReadGet {
  const profile::CachedRead* read = nullptr;  // the profile's
  std::optional<std::string> after;  // the server's mark: a further page, which is not kept
  std::size_t limit = 0;             // zero: as the server likes
  Duration max_age{0};
};

// Checks {"read","max_age_s"?,"after"?,"limit"?}: read.unknown, field.value for an `after` that is
// no `next` of a page.
[[nodiscard]] Result<ReadGet> parse_read(const Profile& profile, const Json& params);

[[nodiscard]] sync::ListQuestion question_of(const ReadGet& get);

// How old the kept answer is. A further page is never here.
[[nodiscard]] Result<AnswerSource> source_of(const store::Snapshot& snapshot, const ReadGet& get,
                                             Instant now);

// {"documents", "rest", "missing", "next"?, "commit_seq", and what AnswerSource has}: the items as
// documents.query has them, in the server's order, with the user's own work laid over them; `rest`
// is the answer without its items, null when there never was one; `missing` is how many of the
// items are not here any more. `answer` is what the server just said; without it, what is kept.
[[nodiscard]] Result<Json> read_reply(const store::Snapshot& snapshot, const ViewSource& source,
                                      const ReadGet& get,
                                      const std::optional<sync::ListAnswer>& answer,
                                      const AnswerSource& from, Instant now);

}  // namespace landfall::cache
