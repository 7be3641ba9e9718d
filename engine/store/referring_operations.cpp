#include "engine/store/referring_operations.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

Result<bool> awaits_answer(const Reader& reader, const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT 1 FROM operations WHERE entity_type = ?1"
                                               " AND entity_id = ?2 AND state IN (1, 2) LIMIT 1",
                                               entity.type, entity.id));
  LANDFALL_TRY_ASSIGN(const auto found, rows.first([](const Rows&) { return true; }));
  return found.has_value();
}

}  // namespace landfall::store
