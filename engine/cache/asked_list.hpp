#pragma once

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/cache/query.hpp"
#include "engine/cache/run_query.hpp"
#include "engine/sync/list_call.hpp"

namespace landfall::cache {

// documents.query with `ask`: the server makes the page, and what the user changed here is laid
// over it (P-70, P-71, P-73, P-34). Pure but for what it reads.

// What the server is asked, of a query with `ask`.
[[nodiscard]] sync::ListQuestion question_of(const Query& query);

// Whether the page has to come from here although the server is asked for: a list goes on where its
// first page came from, and this one began in the cache.
[[nodiscard]] inline bool goes_on_here(const Query& query) { return query.after.has_value(); }

// The page as the server made it, in the form of run_query, with `source` "server".
//
// Each document is shown with its unsettled operations over it, and left out when they make it
// something that the filter does not want. Before the first page stand the documents that only
// these operations make match, at most `limit` of them: the server does not know of those, and a
// user who looks for what they did finds it (INV-Q14). All others come where the server has them.
// `next` is the server's mark as a token.
[[nodiscard]] Result<Json> asked_reply(const store::Snapshot& snapshot, const ViewSource& source,
                                       const Query& query, const sync::ListAnswer& answer,
                                       Instant now);

// Why the server's page cannot be had from here instead: it goes on where the server was. The error
// keeps the class of `cause`. Code query.needs_server.
[[nodiscard]] Error needs_server(const Error& cause);

}  // namespace landfall::cache
