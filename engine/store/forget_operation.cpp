#include "engine/store/forget_operation.hpp"

#include "engine/base/assert.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {

// Each part by an index that holds only what is open, so that what was settled in years is not
// looked at. An upload follows the operation that took its own one's place.
Result<bool> is_still_needed(const Reader& reader, const sync::Operation& operation) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select("SELECT EXISTS (SELECT 1 FROM notices WHERE operation_id = ?1 AND seen = 0)"
                    " OR EXISTS (SELECT 1 FROM conflicts WHERE state = 0"
                    " AND (operation = ?1 OR (entity_type = ?2 AND entity_id = ?3)))"
                    " OR EXISTS (SELECT 1 FROM needed_creates WHERE create_id = ?1)"
                    " OR EXISTS (SELECT 1 FROM attachments WHERE settled_ms = 0"
                    " AND (operation IN (?1, ?4) OR (entity_type = ?2 AND entity_id = ?3)))",
                    operation.id, operation.entity.type, operation.entity.id,
                    operation.supersedes));
  LANDFALL_TRY_ASSIGN(const auto needed,
                      rows.first([](const Rows& row) { return row.boolean(0); }));
  return needed.value_or(true);
}

Status forget_operation(Transaction& tx, const sync::Operation& operation) {
  LANDFALL_ASSERT(is_settled(operation.state));
  LANDFALL_TRY(tx.run("DELETE FROM conflicts WHERE operation = ?1", operation.id));
  LANDFALL_TRY(tx.run("DELETE FROM notices WHERE operation_id = ?1", operation.id));
  LANDFALL_TRY(tx.run("DELETE FROM operations WHERE seq = ?1", operation.seq));
  return {};
}

}  // namespace landfall::store
