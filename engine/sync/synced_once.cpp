#include "engine/sync/synced_once.hpp"

#include "engine/profile/profile.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/cursor_table.hpp"

namespace landfall::sync {

Result<bool> synced_once(store::Transaction& tx, const Profile& profile) {
  constexpr const char* kSyncedOnce = "pull.synced_once";
  LANDFALL_TRY_ASSIGN(const auto once, store::CounterTable::get(tx, kSyncedOnce));
  if (once != 0) return true;
  for (const auto& scope : profile.sync.scopes) {
    LANDFALL_TRY_ASSIGN(const auto at, store::completed_at(tx, scope.name));
    if (!at) return false;
  }
  LANDFALL_TRY(store::CounterTable::set(tx, kSyncedOnce, 1));
  return true;
}

}  // namespace landfall::sync
