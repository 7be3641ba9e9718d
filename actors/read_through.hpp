#pragma once

#include "actors/cache.hpp"

namespace landfall::actors {

// What the cache answers only after the server was asked: lists of documents on demand, single
// documents and cached reads that are not fresh. Each is answered from here when the server gives
// no answer, and says so (P-4, P-26).

// Of documents.query with `ask`.
void ask_for_list(CacheSelf self, cache::Query query, const Reply& reply);
[[nodiscard]] caf::result<Result<SharedJson>> get_document(CacheSelf self,
                                                           const GetDocument& message);
[[nodiscard]] caf::result<Result<SharedJson>> get_read(CacheSelf self, const GetRead& message);

}  // namespace landfall::actors
