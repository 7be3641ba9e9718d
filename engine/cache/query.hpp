#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Sealer;
class Snapshot;
}  // namespace landfall::store

namespace landfall::cache {

// What documents.query asks for: one entity by id, or a page of a type in the order of ids.
struct Query {
  std::string type;
  std::optional<std::string> id;
  std::optional<std::string> after;  // behind this id; not together with `id`
  std::size_t limit = 0;  // documents; 1 to limits::kQueryDocumentsMax, which is also the default
  std::optional<std::int64_t>
      commit_seq;  // answer from this commit or a later one: users read their own writes
};

// Checks the params of documents.query; errors name the field below "params": field.missing,
// field.type, field.range.
[[nodiscard]] Result<Query> parse_query(const Json& params);

// The views (sync::View) of one snapshot:
//
//   {"documents":[{"entity_type","entity_id","row_version","updated_at","data","pending_sync",
//                  "operations":[{"id","action","state","block_reason"?}]}],"next"?,"commit_seq"}
//
// row_version and updated_at are null for what only exists here yet. `next` is what to pass as
// `after` for more; a page ends there also when it reaches limits::kQueryBytesMax. Works offline
// (P-27, P-58, INV-Q14). Errors: query.ahead (busy) when `commit_seq` names a commit that the
// snapshot does not have, entity.unknown_type.
[[nodiscard]] Result<Json> run_query(const store::Snapshot& snapshot, const Profile& profile,
                                     const store::Sealer& outbox_key,
                                     const store::Sealer& documents_key, const Query& query);

}  // namespace landfall::cache
