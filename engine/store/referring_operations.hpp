#pragma once

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/store/open_state.hpp"

// Macros, because SQL literals are joined before the compiler sees them. `of` is what stands before
// the name of a column of `operations`: an alias with its dot, or nothing.

// The operation still refers to its entity's document: it is not settled (the states of
// sync::is_laid_over), or its verdict has an entity that is not yet a document, or is a conflict
// that waits for one.
#define LANDFALL_REFERS(of) "(" LANDFALL_IS_OPEN(of) " OR " of "adopted = 0)"

// Such an operation refers to the row of `documents` whose alias is d.
#define LANDFALL_IS_REFERRED_TO                                        \
  "EXISTS (SELECT 1 FROM operations AS o"                              \
  " WHERE o.entity_type = d.entity_type AND o.entity_id = d.entity_id" \
  " AND " LANDFALL_REFERS("o.") ")"

// The same, or one that is not settled names the document's entity in its payload: the document is
// not evicted, nor cleared with the cache (P-34).
#define LANDFALL_MUST_STAY                        \
  "(" LANDFALL_IS_REFERRED_TO                     \
  " OR EXISTS (SELECT 1 FROM named_entities AS n" \
  " WHERE n.entity_type = d.entity_type AND n.entity_id = d.entity_id))"

namespace landfall::store {

class Reader;

// Whether the server may have decided an operation of this device about the entity whose answer is
// not here yet: it is being sent, or nobody knows what became of it.
[[nodiscard]] Result<bool> awaits_answer(const Reader& reader, const EntityKey& entity);

}  // namespace landfall::store
