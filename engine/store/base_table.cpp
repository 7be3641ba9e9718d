#include "engine/store/base_table.hpp"

#include <span>
#include <utility>
#include <vector>

#include "engine/store/sealed_text.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::store {
namespace {

constexpr std::string_view kBody = "bases.body";

}  // namespace

Status BaseTable::insert(Transaction& tx, Sealer& outbox_key, std::int64_t operation_seq,
                         const OperationId& id, const Base& base) {
  LANDFALL_TRY(tx.run("INSERT INTO bases (operation_seq, row_version, body) VALUES (?1, ?2, ?3)",
                      operation_seq, base.row_version,
                      seal_long_text(tx, outbox_key, kBody, id, base.data)));
  return {};
}

Result<std::optional<Base>> BaseTable::find(const Reader& reader, const Sealer& outbox_key,
                                            std::int64_t operation_seq, const OperationId& id) {
  LANDFALL_TRY_ASSIGN(
      Rows rows,
      reader.select("SELECT row_version, body FROM bases WHERE operation_seq = ?1", operation_seq));
  return rows.first([&](const Rows& row) -> Result<Base> {
    LANDFALL_TRY_ASSIGN(std::string data, open_text(outbox_key, kBody, id, row.bytes(1)));
    return Base{row.integer(0), std::move(data)};
  });
}

}  // namespace landfall::store
