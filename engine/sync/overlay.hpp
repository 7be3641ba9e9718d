#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/sync/document.hpp"
#include "engine/sync/operation.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::profile {
struct Action;
}
namespace landfall::store {
class Reader;
class Sealer;
}  // namespace landfall::store

namespace landfall::sync {

// An operation of the lane as the overlay needs it.
struct LaidOperation {
  Operation operation;
  std::string payload;                // compact JSON
  std::optional<std::string> entity;  // document that came with its verdict and is not yet adopted
};

struct ViewOperation {
  OperationId id;
  std::string action;
  OperationState state = OperationState::queued;
  BlockReason block_reason = BlockReason::none;
};

// What the app sees: a document with the lane's unsettled operations laid over it.
struct View {
  EntityKey entity;
  std::optional<std::int64_t>
      row_version;  // of the document below; none for what only exists here yet
  std::optional<Instant> updated_at;
  std::string data;                       // compact JSON object
  bool pending_sync = false;              // PENDING SYNC (P-58)
  std::vector<ViewOperation> operations;  // those laid over it, in order
};

// The fields that an action shows: its payload's, then its constants.
void lay_fields(Json& data, const profile::Action& action, const Json& payload);

// Pure: lays `operations` (in order of acceptance) over `document` by the profile's rules for their
// actions. An entity of a verdict that is newer than the document stands in for it, so that nothing
// flickers back between the verdict and its adoption (INV-Q14). Nothing when neither a document nor
// an operation makes the entity exist, or when one of them deletes it: what was deleted here is
// gone for the user at once, and the outbox still shows the operation.
[[nodiscard]] std::optional<View> lay_over(const Profile& profile, const EntityKey& entity,
                                           const std::optional<Document>& document,
                                           const std::vector<LaidOperation>& operations);

// Reads document and lane and lays them over each other.
[[nodiscard]] Result<std::optional<View>> read_view(const store::Reader& reader,
                                                    const Profile& profile,
                                                    const store::Sealer& outbox_key,
                                                    const store::Sealer& documents_key,
                                                    const EntityKey& entity);

// The same with a document that came just now, whether or not there was room to store it: the newer
// of it and the stored one counts.
[[nodiscard]] Result<std::optional<View>> read_view_of(const store::Reader& reader,
                                                       const Profile& profile,
                                                       const store::Sealer& outbox_key,
                                                       const store::Sealer& documents_key,
                                                       const Document& came);

// All views of one type, ordered by entity id, from `after` on (exclusive), at most `limit`.
[[nodiscard]] Result<std::vector<View>> read_views(
    const store::Reader& reader, const Profile& profile, const store::Sealer& outbox_key,
    const store::Sealer& documents_key, const std::string& entity_type,
    const std::optional<std::string>& after, std::size_t limit);

}  // namespace landfall::sync
