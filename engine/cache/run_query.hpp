#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/cache/document_facts.hpp"
#include "engine/cache/query.hpp"
#include "engine/cache/summary_index.hpp"
#include "engine/sync/overlay.hpp"

namespace landfall::store {
class Sealer;
class Snapshot;
}  // namespace landfall::store

namespace landfall::cache {

// What a query is answered from, in one partition.
struct ViewSource {
  const Profile& profile;
  const store::Sealer& outbox_key;
  const store::Sealer& documents_key;
};

// Whether all conditions of the query's filter hold.
[[nodiscard]] bool holds_for(const Query& query, const DocumentFacts& facts);

struct QueryPage {
  std::vector<sync::View> views;
  std::optional<std::string> next;  // a token for `after`: there are more
  // Of a query by id: what that names now.
  std::optional<EntityKey> entity = std::nullopt;
};

// The page of `query` in one snapshot, in its order. It ends also when it reaches
// limits::kQueryBytesMax. The first conditions that a type is asked for cost a look at every
// document of it; later ones find what was read in `index`. Beside that it holds the places of one
// page. Error: query.ahead (busy) when `commit_seq` names a commit that the snapshot does not have.
[[nodiscard]] Result<QueryPage> read_page(const store::Snapshot& snapshot, const ViewSource& source,
                                          SummaryIndex& index, const Query& query);

// What documents.query is answered, and what it asks for behind that.
struct QueryAnswer {
  Json reply;
  // The document that was asked for by its id, as it is named now. A list is no use of all its
  // rows.
  std::optional<EntityKey> used;
  std::vector<EntityKey> refresh;
  bool pull = false;
};

// The same as hosts get it:
//
//   {"documents":[{"entity_type","entity_id","row_version","updated_at","data","pending_sync",
//                  "operations":[{"id","action","state","block_reason"?}],"fetched_at"}],
//    "next"?,"commit_seq", and what AnswerSource has}
//
// row_version, updated_at and fetched_at are null for what only exists here yet. See Freshness.
// Works offline (P-27, P-58, INV-Q14).
[[nodiscard]] Result<QueryAnswer> run_query(const store::Snapshot& snapshot,
                                            const ViewSource& source, SummaryIndex& index,
                                            const Query& query, Instant now);

}  // namespace landfall::cache
