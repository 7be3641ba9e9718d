#include "engine/store/batch_table.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

Status BatchTable::insert(Transaction& tx, const BatchRow& row) {
  LANDFALL_TRY(
      tx.run("INSERT INTO batches (id, sent_ms, operations, bytes) VALUES (?1, ?2, ?3, ?4)", row.id,
             row.sent_at, row.operations, row.bytes));
  return {};
}

Result<std::optional<BatchRow>> BatchTable::in_flight(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT id, sent_ms, operations, bytes FROM batches LIMIT 1"));
  return rows.first([](const Rows& row) {
    return BatchRow{row.id<BatchId>(0), row.instant(1), row.integer(2), row.integer(3)};
  });
}

Status BatchTable::clear(Transaction& tx) {
  LANDFALL_TRY(tx.run("DELETE FROM batches"));
  return {};
}

}  // namespace landfall::store
