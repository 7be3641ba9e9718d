#include "engine/store/alias_table.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

Status AliasTable::insert(Transaction& tx, const EntityKey& local, const std::string& server_id) {
  LANDFALL_TRY(
      tx.run("INSERT INTO aliases (entity_type, local_id, server_id) VALUES (?1, ?2, ?3) "
             "ON CONFLICT DO NOTHING",
             local.type, local.id, server_id));
  return {};
}

Result<EntityKey> AliasTable::resolve(const Reader& reader, const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT server_id FROM aliases WHERE entity_type = "
                                               "?1 AND local_id = ?2",
                                               entity.type, entity.id));
  LANDFALL_TRY_ASSIGN(const auto server_id,
                      rows.first([](const Rows& row) { return std::string(row.text(0)); }));
  return EntityKey{entity.type, server_id.value_or(entity.id)};
}

Result<std::vector<EntityKey>> AliasTable::resolve_all(const Reader& reader,
                                                       const std::vector<EntityKey>& entities) {
  std::vector<EntityKey> resolved;
  for (const EntityKey& entity : entities) {
    LANDFALL_TRY_ASSIGN(EntityKey one, resolve(reader, entity));
    resolved.push_back(std::move(one));
  }
  return resolved;
}

}  // namespace landfall::store
