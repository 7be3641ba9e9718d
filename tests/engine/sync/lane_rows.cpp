#include "tests/engine/sync/lane_rows.hpp"

#include "engine/store/operation_table.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace landfall::pull_test {

using store::OperationTable;

void add_operation(Partition& partition, const LaneRow& row) {
  sync::Operation operation;
  operation.id = OperationId{{row.number}};
  operation.entity = row.entity;
  operation.action = row.action;
  operation.state = row.state;
  operation.block_reason = row.block_reason;
  (void)partition.write([&](store::Transaction& tx) {
    return OperationTable::insert(tx, partition.outbox_key, operation, {},
                                  {row.payload, std::nullopt});
  });
}

void settle_with_entity(Partition& partition, std::uint8_t number, sync::OperationState state,
                        const Json& entity) {
  const OperationId id{{number}};
  (void)partition.write([&](store::Transaction& tx) -> Status {
    LANDFALL_TRY_ASSIGN(auto operation, OperationTable::find(tx, id));
    REQUIRE(operation);
    operation->state = state;
    operation->adopted = false;
    if (entity.contains("row_version")) operation->result_version = entity["row_version"];
    LANDFALL_TRY(OperationTable::save(tx, *operation));
    return OperationTable::save_verdict(tx, partition.outbox_key, id,
                                        dump_json(Json{{"id", to_text(id)}, {"entity", entity}}));
  });
}

void mark_adopted(Partition& partition, std::uint8_t number) {
  (void)partition.write([&](store::Transaction& tx) {
    return OperationTable::mark_adopted(tx, OperationId{{number}});
  });
}

}  // namespace landfall::pull_test
