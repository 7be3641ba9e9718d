#pragma once

#include <cstdint>
#include <string>

#include "engine/base/json.hpp"
#include "engine/sync/operation.hpp"
#include "tests/engine/sync/pull_rig.hpp"

namespace landfall::pull_test {

// A row of `operations` as the sync queue would leave it.
struct LaneRow {
  std::uint8_t number = 1;  // the first byte of its id
  EntityKey entity;
  std::string action;
  std::string payload = "{}";
  sync::OperationState state = sync::OperationState::queued;
  sync::BlockReason block_reason = sync::BlockReason::none;
};

void add_operation(Partition& partition, const LaneRow& row);

// It ends as `state` with a verdict that carries `entity`, which is not yet a document.
void settle_with_entity(Partition& partition, std::uint8_t number, sync::OperationState state,
                        const Json& entity);

// The document was made: the entity does not stand in any more.
void mark_adopted(Partition& partition, std::uint8_t number);

}  // namespace landfall::pull_test
