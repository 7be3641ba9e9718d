#include "engine/store/notice_table.hpp"

#include <string>

#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::store {

Result<std::optional<sync::Notice>> NoticeTable::add(Transaction& tx, const OperationId& operation,
                                                     std::string_view kind, std::string_view code,
                                                     Instant now) {
  LANDFALL_TRY_ASSIGN(
      const std::int64_t added,
      tx.run("INSERT INTO notices (operation_id, kind, code, created_ms, seen) "
             "VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (operation_id, kind, code) DO NOTHING",
             operation, kind, code, now));
  if (added == 0) return std::optional<sync::Notice>{};
  return std::optional<sync::Notice>{
      {tx.last_insert_rowid(), operation, std::string(kind), std::string(code), now}};
}

Result<std::vector<sync::Notice>> NoticeTable::unseen(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT seq, operation_id, kind, code, created_ms FROM notices "
                                    "WHERE seen = 0 ORDER BY seq LIMIT ?1",
                                    static_cast<std::int64_t>(limits::kNoticesMax)));
  return rows.all([](const Rows& row) {
    return sync::Notice{row.integer(0), row.id<OperationId>(1), std::string(row.text(2)),
                        std::string(row.text(3)), row.instant(4)};
  });
}

Status NoticeTable::mark_seen(Transaction& tx, std::int64_t up_to_seq) {
  LANDFALL_TRY(tx.run("UPDATE notices SET seen = 1 WHERE seen = 0 AND seq <= ?1", up_to_seq));
  return {};
}

}  // namespace landfall::store
