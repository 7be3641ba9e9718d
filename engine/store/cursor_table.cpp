#include "engine/store/cursor_table.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

Result<std::optional<PullCursor>> find_cursor(const Reader& reader, std::string_view scope) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select("SELECT cursor, round, complete FROM cursors WHERE scope = ?1", scope));
  return rows.first([](const Rows& row) {
    return PullCursor{row.optional(0, [&](int column) { return std::string{row.text(column)}; }),
                      row.integer(1), row.boolean(2)};
  });
}

Status save_cursor(Transaction& tx, std::string_view scope, const PullCursor& cursor, Instant now) {
  LANDFALL_TRY(tx.run(
      "INSERT INTO cursors (scope, cursor, round, complete, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5)"
      " ON CONFLICT (scope) DO UPDATE SET cursor = ?2, round = ?3, complete = ?4, updated_ms = ?5",
      scope, cursor.cursor, cursor.round, cursor.complete, now));
  return {};
}

}  // namespace landfall::store
