#include "engine/store/meta_table.hpp"

namespace landfall::store {

Result<std::optional<std::string>> MetaTable::get(const Reader& reader, std::string_view name) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT value FROM meta WHERE name = ?1", name));
  return rows.first([](const Rows& row) { return std::string{row.text(0)}; });
}

Status MetaTable::set(Transaction& tx, std::string_view name, std::string_view value) {
  LANDFALL_TRY(
      tx.run("INSERT INTO meta (name, value) VALUES (?1, ?2) "
             "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
             name, value));
  return {};
}

Status MetaTable::remove(Transaction& tx, std::string_view name) {
  LANDFALL_TRY(tx.run("DELETE FROM meta WHERE name = ?1", name));
  return {};
}

}  // namespace landfall::store
