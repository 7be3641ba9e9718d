#include "simulator/backend/receipts.hpp"

namespace landfall::backend {

std::optional<Receipt> Receipts::find(const std::string& operation_id, Instant now) {
  Query row(database_,
            "SELECT user_id, entity_type, entity_id, status, produced_version, bytes_hash, result "
            "FROM receipts"
            " WHERE operation_id = ? AND decided_at > ?",
            operation_id, (now - lifetime_).unix_ms);
  if (!row.step()) return std::nullopt;
  return Receipt{
      operation_id, row.text(0), {row.text(1), row.text(2)}, row.text(3), row.optional_integer(4),
      row.text(5),  row.text(6)};
}

void Receipts::add(const Receipt& receipt, Instant now) {
  Query(database_, "INSERT OR REPLACE INTO receipts VALUES (?,?,?,?,?,?,?,?,?)",
        receipt.operation_id, receipt.user_id, receipt.entity.type, receipt.entity.id,
        receipt.status, receipt.produced_version, receipt.bytes_hash, receipt.result, now.unix_ms)
      .run();
}

void Receipts::purge(Instant now) {
  Query(database_, "DELETE FROM receipts WHERE decided_at <= ?", (now - lifetime_).unix_ms).run();
}

std::string replayed(const std::string& result) { return "{\"replayed\":true," + result.substr(1); }

}  // namespace landfall::backend
