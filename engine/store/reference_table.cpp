#include "engine/store/reference_table.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

Status ReferenceTable::insert(Transaction& tx, std::int64_t operation_seq,
                              const OperationId& create) {
  LANDFALL_TRY(
      tx.run("INSERT INTO needed_creates (operation_seq, create_id) VALUES (?1, ?2) ON CONFLICT DO "
             "NOTHING",
             operation_seq, create));
  return {};
}

Status ReferenceTable::remove(Transaction& tx, std::int64_t operation_seq,
                              const OperationId& create) {
  LANDFALL_TRY(tx.run("DELETE FROM needed_creates WHERE operation_seq = ?1 AND create_id = ?2",
                      operation_seq, create));
  return {};
}

Status ReferenceTable::move(Transaction& tx, const OperationId& from, const OperationId& to) {
  LANDFALL_TRY(tx.run("UPDATE needed_creates SET create_id = ?2 WHERE create_id = ?1", from, to));
  return {};
}

Result<std::vector<NeededCreate>> ReferenceTable::needed_by(const Reader& reader,
                                                            std::int64_t operation_seq) {
  LANDFALL_TRY_ASSIGN(Rows rows, reader.select("SELECT n.create_id, o.state FROM needed_creates n "
                                               "JOIN operations o ON o.id = n.create_id "
                                               "WHERE n.operation_seq = ?1 ORDER BY o.seq",
                                               operation_seq));
  return rows.all([](const Rows& row) {
    return NeededCreate{row.id<OperationId>(0), static_cast<sync::OperationState>(row.integer(1))};
  });
}

}  // namespace landfall::store
