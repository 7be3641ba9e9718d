#pragma once

#include "engine/base/result.hpp"
#include "engine/store/transaction.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::sync {

// Whether each scope of the profile was pulled to its end once. Remembered, so that it stays
// so when the cache is cleared: a first pull is over for ever. Ordered. Errors: those of the
// database.
[[nodiscard]] Result<bool> synced_once(store::Transaction& tx, const Profile& profile);

}  // namespace landfall::sync
