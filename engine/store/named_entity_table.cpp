#include "engine/store/named_entity_table.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

Status NamedEntityTable::replace(Transaction& tx, std::int64_t operation_seq,
                                 const std::vector<EntityKey>& entities) {
  LANDFALL_TRY(remove(tx, operation_seq));
  for (const EntityKey& entity : entities) {
    LANDFALL_TRY(tx.run(
        "INSERT INTO named_entities (entity_type, entity_id, operation_seq) VALUES (?1, ?2, ?3)",
        entity.type, entity.id, operation_seq));
  }
  return {};
}

Status NamedEntityTable::remove(Transaction& tx, std::int64_t operation_seq) {
  // Most name nothing, and to look costs a third of what deleting nothing does.
  LANDFALL_TRY_ASSIGN(
      const bool has_rows,
      tx.has_row("SELECT 1 FROM named_entities WHERE operation_seq = ?1 LIMIT 1", operation_seq));
  if (!has_rows) return {};
  LANDFALL_TRY(tx.run("DELETE FROM named_entities WHERE operation_seq = ?1", operation_seq));
  return {};
}

}  // namespace landfall::store
