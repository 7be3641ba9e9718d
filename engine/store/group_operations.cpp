#include "engine/store/group_operations.hpp"

#include "engine/store/transaction.hpp"

namespace landfall::store {

// From state 8 on: superseded, cancelled, discarded. The index is named, because the planner might
// rather read the whole table.
Result<std::int64_t> count_in_group(const Reader& reader, const std::string& entity_type,
                                    const std::string& group_id) {
  LANDFALL_TRY_ASSIGN(Rows rows,
                      reader.select("SELECT COUNT(*) FROM operations INDEXED BY operations_lane "
                                    "WHERE entity_type = ?1 AND group_id = ?2 AND state < 8",
                                    entity_type, group_id));
  LANDFALL_TRY_ASSIGN(const auto number,
                      rows.first([](const Rows& row) { return row.integer(0); }));
  return number.value_or(0);
}

}  // namespace landfall::store
