#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.hpp"
#include "engine/permissions/permission_set.hpp"

namespace landfall::store {

class Reader;
class Sealer;
class Transaction;

// What is known of the user's rights. Sealed by the outbox key, because the outbox must know in the
// background what may be sent.
struct PermissionTable final {
  // Nothing when nothing was ever stored. Errors: seal.broken, permissions.unreadable, and those of
  // the store.
  [[nodiscard]] static Result<std::optional<permissions::PermissionSet>> load(
      const Reader& reader, const Sealer& outbox_key);
  // Of the row; zero when there is none.
  [[nodiscard]] static Result<std::int64_t> version(const Reader& reader);
  [[nodiscard]] static Status save(Transaction& tx, Sealer& outbox_key,
                                   const permissions::PermissionSet& set);
};

}  // namespace landfall::store
