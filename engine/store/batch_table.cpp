#include "engine/store/batch_table.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

Status BatchTable::insert(Transaction& tx, const BatchRow& row) {
  LANDFALL_TRY(
      tx.run("INSERT INTO batches (id, sent_ms, operations, bytes) VALUES (?1, ?2, ?3, ?4)", row.id,
             row.sent_at, row.operations, row.bytes));
  return {};
}

Result<std::vector<BatchRow>> BatchTable::in_flight(const Reader& reader) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT id, sent_ms, operations, bytes FROM batches"));
  return rows.all([](const Rows& row) {
    return BatchRow{row.id<BatchId>(0), row.instant(1), row.integer(2), row.integer(3)};
  });
}

Status BatchTable::remove(Transaction& tx, const BatchId& id) {
  LANDFALL_TRY(tx.run("DELETE FROM batches WHERE id = ?1", id));
  return {};
}

Status BatchTable::clear(Transaction& tx) {
  LANDFALL_TRY(tx.run("DELETE FROM batches"));
  return {};
}

}  // namespace landfall::store
