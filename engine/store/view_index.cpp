#include "engine/store/view_index.hpp"

#include "engine/store/referring_operations.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {

// Both halves come in the order of an index and are merged as they come, so that a page costs what
// it shows.
Result<std::vector<std::string>> viewable_ids(const Reader& reader, std::string_view entity_type,
                                              std::string_view after, std::size_t limit) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select("SELECT entity_id FROM documents"
                               " WHERE entity_type = ?1 AND entity_id > ?2 AND deleted = 0 "
                               "UNION SELECT entity_id FROM operations"
                               " WHERE entity_type = ?1 AND entity_id > ?2 AND " LANDFALL_REFERS(
                                   "") " ORDER BY entity_id LIMIT ?3",
                               entity_type, after, static_cast<std::int64_t>(limit)));
  return rows.all([](const Rows& row) { return std::string{row.text(0)}; });
}

Result<std::vector<DocumentRow>> plain_documents(const Reader& reader, std::string_view entity_type,
                                                 std::string_view after, std::size_t limit) {
  LANDFALL_TRY_ASSIGN(
      Rows rows, reader.select("SELECT entity_id, row_version, stored_ms FROM documents AS d"
                               " WHERE entity_type = ?1 AND entity_id > ?2 AND deleted = 0"
                               " AND NOT " LANDFALL_IS_REFERRED_TO " ORDER BY entity_id LIMIT ?3",
                               entity_type, after, static_cast<std::int64_t>(limit)));
  return rows.all([](const Rows& row) {
    return DocumentRow{std::string{row.text(0)}, row.integer(1), row.instant(2)};
  });
}

Result<std::vector<std::string>> overlaid_ids(const Reader& reader, std::string_view entity_type,
                                              std::string_view after, std::size_t limit) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT DISTINCT entity_id FROM operations"
                                    " WHERE entity_type = ?1 AND entity_id > ?2"
                                    " AND " LANDFALL_REFERS("") " ORDER BY entity_id LIMIT ?3",
                                    entity_type, after, static_cast<std::int64_t>(limit)));
  return rows.all([](const Rows& row) { return std::string{row.text(0)}; });
}

}  // namespace landfall::store
