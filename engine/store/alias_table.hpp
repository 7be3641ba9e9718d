#pragma once

#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"

namespace landfall::store {

class Reader;
class Transaction;

// The ids that servers gave to entities which were made here under an id of the phone's own
// (wire.md `assigned_id`). Both name the entity from then on.
struct AliasTable final {
  // The first word on an id counts.
  [[nodiscard]] static Status insert(Transaction& tx, const EntityKey& local,
                                     const std::string& server_id);
  // The entity by the id that the server knows; as it is when it has no other.
  [[nodiscard]] static Result<EntityKey> resolve(const Reader& reader, const EntityKey& entity);
  [[nodiscard]] static Result<std::vector<EntityKey>> resolve_all(
      const Reader& reader, const std::vector<EntityKey>& entities);
};

}  // namespace landfall::store
