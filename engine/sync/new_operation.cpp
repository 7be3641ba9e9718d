#include "engine/sync/new_operation.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/base_table.hpp"
#include "engine/store/named_entity_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/reference_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/delivery.hpp"
#include "engine/sync/prepared_enqueue.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/references.hpp"

namespace landfall::sync {
namespace {

constexpr auto kNewest = std::numeric_limits<std::int64_t>::max();

using store::OperationTable;
using store::ReferenceTable;

Result<std::optional<Operation>> top_without(const store::Reader& reader, const EntityKey& entity,
                                             const std::vector<OperationId>& leaving) {
  if (leaving.empty()) return OperationTable::top_of_lane(reader, entity);
  LANDFALL_TRY_ASSIGN(auto lane, OperationTable::lane(reader, entity));
  for (auto operation = lane.rbegin(); operation != lane.rend(); ++operation) {
    const bool leaves = std::find(leaving.begin(), leaving.end(), operation->id) != leaving.end();
    if (!leaves && is_laid_over(operation->state))
      return std::optional<Operation>{std::move(*operation)};
  }
  return std::optional<Operation>{};
}

// The version an operation stands on when nothing is laid over the document. What the host saw
// counts, but for one case: the version known here is of this device's own making, and the user
// merely did not see it yet (INV-Q16).
Result<std::optional<std::int64_t>> version_to_stand_on(const store::Reader& reader,
                                                        const EnqueueRequest& request) {
  LANDFALL_TRY_ASSIGN(const auto known, OperationTable::known_version(reader, request.entity));
  if (!known || !request.base_version) return known ? known : request.base_version;
  LANDFALL_TRY_ASSIGN(const bool own, OperationTable::produced(reader, request.entity, *known));
  return own ? known : request.base_version;
}

}  // namespace

Result<std::int64_t> version_behind_lane(const store::Reader& reader, const EntityKey& entity,
                                         std::int64_t last_seq) {
  LANDFALL_TRY_ASSIGN(const auto least, OperationTable::least_produced(reader, entity, last_seq));
  if (least) return *least;
  LANDFALL_TRY_ASSIGN(const auto known, OperationTable::known_version(reader, entity));
  return known.value_or(1);
}

Status stand_on(const store::Reader& reader, const PreparedEnqueue& prepared, const Lane& lane,
                Operation& operation) {
  const EnqueueRequest& request = prepared.request;
  const profile::ActionKind kind = (*prepared.action)->kind;
  if (kind == profile::ActionKind::commutative) return {};
  std::optional<Operation> top;
  if (lane.open > 0) {
    LANDFALL_TRY_ASSIGN(top, top_without(reader, request.entity, lane.leaving));
  }
  if (kind == profile::ActionKind::create) {
    if (top) return invalid("entity_id", "the entity already has operations that are not settled");
    return {};
  }
  if (top && !mutant::is(mutant::Mutant::drop_after)) {
    operation.after = top->id;
    if (!is_live(top->state)) {
      operation.state = OperationState::blocked;
      operation.block_reason = BlockReason::dependency;
      operation.cause = "dependency";
    }
    return {};
  }
  const bool by_endpoint = (*prepared.action)->delivery == profile::Delivery::endpoint;
  LANDFALL_TRY_ASSIGN(operation.base_version, version_to_stand_on(reader, request));
  if (by_endpoint && operation.base_version) {
    LANDFALL_TRY_ASSIGN(const auto own,
                        OperationTable::least_produced(reader, request.entity, kNewest));
    operation.base_version = std::max(operation.base_version, own);
  }
  if (operation.base_version) return {};
  // The server applied one of ours and did not say which version that made: its id names the
  // version, but in the call of an endpoint, which has no place for it.
  LANDFALL_TRY_ASSIGN(const auto applied, OperationTable::last_applied(reader, request.entity));
  if (!applied)
    return invalid("base_version", "the entity is not known here; name the version that was seen");
  if (by_endpoint) {
    LANDFALL_TRY_ASSIGN(operation.base_version,
                        version_behind_lane(reader, request.entity, kNewest));
  } else {
    operation.after = applied->id;
  }
  return {};
}

Status insert(QueueStep& step, const PreparedEnqueue& prepared, Operation& operation) {
  const EnqueueRequest& request = prepared.request;
  LANDFALL_TRY_ASSIGN(const profile::Action* action, prepared.action);
  operation.id = request.id;
  operation.entity = request.entity;
  operation.action = request.action;
  operation.schema = static_cast<int>(action->schema);
  operation.supersedes = request.supersedes;
  operation.group_id = request.group_id;
  LANDFALL_TRY_ASSIGN(Referred referred, refer(step.tx, step.profile, *action, request.payload));
  if (std::any_of(referred.creates.begin(), referred.creates.end(),
                  [](const Operation& create) { return !is_live(create.state); })) {
    step.block(operation, BlockReason::dependency, "dependency");
  }
  const bool is_sealed = prepared.sealed_payload && !referred.payload;
  const store::SealedPayload* const sealed = is_sealed ? &*prepared.sealed_payload : nullptr;
  const store::OperationContentView content{referred.payload ? *referred.payload : request.payload,
                                            request.attestation};
  operation.bytes = wire_bytes_max(operation, content);
  LANDFALL_TRY_ASSIGN(operation.seq, OperationTable::insert(step.tx, step.key, operation,
                                                            prepared.hash, content, sealed));
  if (!referred.entities.empty())
    LANDFALL_TRY(store::NamedEntityTable::replace(step.tx, operation.seq, referred.entities));
  for (const Operation& create : referred.creates)
    LANDFALL_TRY(ReferenceTable::insert(step.tx, operation.seq, create.id));
  if (action->kind == profile::ActionKind::create && operation.supersedes) {
    LANDFALL_TRY(ReferenceTable::move(step.tx, *operation.supersedes, operation.id));
    LANDFALL_TRY(step.follow(operation));
  }
  const auto& version = operation.base_version;
  if (!request.base_data || !version) return {};
  if (request.base_data_version.value_or(*version) != *version) return {};
  return store::BaseTable::insert(step.tx, step.key, operation.seq, operation.id,
                                  {*version, *request.base_data});
}

}  // namespace landfall::sync
