#pragma once

#include <optional>
#include <string>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/cache/answer_source.hpp"
#include "engine/cache/query.hpp"
#include "engine/cache/run_query.hpp"

namespace landfall::cache {

// documents.get: one document, from here while it is fresh, else from the server, and from here
// again when the server gives no answer (P-4, P-26).

// The params {"type","id","max_age_s"?} as a query of one document. Errors as of parse_query.
[[nodiscard]] Result<Query> parse_get(const Profile& profile, const Json& params);

struct DocumentLook {
  EntityKey entity;  // by its name of today
  std::optional<sync::View> view;
  AnswerSource source;
  bool wants_server = false;  // absent or older than it may be, and not made here
  std::uint64_t commit_seq = 0;
};

// What is here. `came`: what the server just said of it, which is shown also when there was no room
// to store it.
[[nodiscard]] Result<DocumentLook> look_at_document(const store::Snapshot& snapshot,
                                                    const ViewSource& source, const Query& get,
                                                    const std::optional<sync::Document>& came,
                                                    Instant now);

// {"document","commit_seq", and what AnswerSource has}. The document is null when it is not there:
// deleted or unknown at the server, as of as_of; not known here when that is null.
[[nodiscard]] Json to_reply(const DocumentLook& look, Instant now);

}  // namespace landfall::cache
