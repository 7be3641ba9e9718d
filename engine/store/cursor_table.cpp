#include "engine/store/cursor_table.hpp"

#include "engine/store/counter_table.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {
namespace {

std::string completed_name(std::string_view scope) {
  return "pull.completed_ms." + std::string{scope};
}

}  // namespace

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
      " ON CONFLICT (scope) DO UPDATE SET cursor = ?2, round = ?3, complete = ?4, updated_ms = ?5"
      " WHERE cursor IS NOT ?2 OR round <> ?3 OR complete <> ?4",
      scope, cursor.cursor, cursor.round, cursor.complete, now));
  return {};
}

Result<std::optional<Instant>> completed_at(const Reader& reader, std::string_view scope) {
  if (scope.empty()) return std::optional<Instant>{};
  LANDFALL_TRY_ASSIGN(const auto at_ms, CounterTable::get(reader, completed_name(scope)));
  return at_ms == 0 ? std::optional<Instant>{} : std::optional{Instant{at_ms}};
}

void note_completed(Transaction& tx, std::string_view scope, Instant now) {
  CounterTable::set_late(tx, completed_name(scope), now.unix_ms);
}

}  // namespace landfall::store
