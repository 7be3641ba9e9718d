#include <algorithm>
#include <utility>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/base_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/batch.hpp"
#include "engine/sync/coalesce.hpp"
#include "engine/sync/prepared_enqueue.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/sync_queue.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

tl::unexpected<Error> invalid(std::string field, std::string message) {
  return failure(
      Error{ErrorClass::invalid, "operation.invalid", std::move(message), std::move(field)});
}

// Whether what happened to it can still be taken back without the server: only then may it be
// decided anew.
Status check_supersedable(const Operation& operation, const EntityKey& entity) {
  if (operation.entity != entity) return invalid("supersedes", "it belongs to another entity");
  switch (operation.state) {
    case OperationState::rejected:
    case OperationState::conflict:
      return {};
    case OperationState::queued:
    case OperationState::blocked:
    case OperationState::failed:
      if (operation.effect == OperationEffect::none) return {};
      break;
    case OperationState::sending:
    case OperationState::unknown:
      break;
    default:
      return invalid("supersedes", "it is " + std::string(to_string(operation.state)));
  }
  return failure(Error{ErrorClass::refused, "operation.may_have_happened",
                       "the operation to supersede may already have happened", "supersedes"});
}

// The operation that is decided anew, and all that stands on it: none of these is there to stand on
// any more.
Result<std::vector<OperationId>> leaving_with(const store::Reader& reader,
                                              const OperationId& root) {
  std::vector<OperationId> leaving{root};
  for (std::size_t i = 0; i < leaving.size(); ++i) {
    LANDFALL_TRY_ASSIGN(const auto dependents, OperationTable::dependents(reader, leaving[i]));
    for (const Operation& dependent : dependents) {
      if (!is_settled(dependent.state)) leaving.push_back(dependent.id);
    }
  }
  return leaving;
}

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

// The document that the caller saw, where it is of the version that the operation stands on.
std::optional<store::Base> base_of(const EnqueueRequest& request, const Operation& operation) {
  const auto& version = operation.base_version;
  if (!request.base_data || !version) return std::nullopt;
  if (request.base_data_version.value_or(*version) != *version) return std::nullopt;
  return store::Base{*version, *request.base_data};
}

}  // namespace

Result<std::optional<Accepted>> SyncQueue::accepted_before(const store::Transaction& tx,
                                                           const PreparedEnqueue& prepared) const {
  const EnqueueRequest& request = prepared.request;
  LANDFALL_TRY_ASSIGN(const auto stored, OperationTable::hash_of(tx, request.id));
  if (!stored) return std::optional<Accepted>{};
  if (*stored != prepared.hash) {
    return failure(Error{ErrorClass::invalid, "operation.id_reused",
                         "this id was accepted before with another content", "id"});
  }
  LANDFALL_TRY_ASSIGN(const auto operation, OperationTable::find(tx, request.id));
  return std::optional<Accepted>{
      {operation->id, operation->seq, operation->state, true, {}, operation->supersedes}};
}

// The number of operations of the lane that are not settled, of which there may be one more.
Result<std::int64_t> SyncQueue::check_room(const store::Transaction& tx,
                                           const EnqueueRequest& request) const {
  LANDFALL_TRY_ASSIGN(const std::int64_t open,
                      store::CounterTable::get(tx, store::kOutboxOperations));
  const std::size_t bound =
      std::min(parts_.profile.limits.outbox_operations_max, limits::kOutboxOperationsMax);
  if (open >= static_cast<std::int64_t>(bound)) {
    return failure(ErrorClass::storage_full, "storage.outbox_full",
                   "too many operations wait for the server");
  }
  LANDFALL_TRY_ASSIGN(const std::int64_t in_lane, OperationTable::open_in_lane(tx, request.entity));
  if (in_lane >= static_cast<std::int64_t>(limits::kLaneOperationsMax)) {
    return failure(ErrorClass::refused, "operation.lane_full",
                   "too many operations of this entity wait");
  }
  return in_lane;
}

// What the operation is made on top of: an operation that is still laid over the document, else a
// version of it.
Status SyncQueue::stand_on(const store::Transaction& tx, const PreparedEnqueue& prepared,
                           const Lane& lane, Operation& operation) const {
  const EnqueueRequest& request = prepared.request;
  const profile::ActionKind kind = (*prepared.action)->kind;
  if (kind == profile::ActionKind::commutative) return {};
  std::optional<Operation> top;
  if (lane.open > 0) {
    LANDFALL_TRY_ASSIGN(top, top_without(tx, request.entity, lane.leaving));
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
  LANDFALL_TRY_ASSIGN(operation.base_version, version_to_stand_on(tx, request));
  if (operation.base_version) return {};
  // The server applied one of ours and did not say which version that made: its id names the
  // version.
  LANDFALL_TRY_ASSIGN(const auto applied, OperationTable::last_applied(tx, request.entity));
  if (!applied)
    return invalid("base_version", "the entity is not known here; name the version that was seen");
  operation.after = applied->id;
  return {};
}

Status SyncQueue::resolve_entity(const store::Reader& reader, PreparedEnqueue& prepared) {
  if (!prepared.entity_may_be_renamed) return {};
  LANDFALL_TRY_ASSIGN(prepared.request.entity,
                      store::AliasTable::resolve(reader, prepared.request.entity));
  return {};
}

// What stands on no version is merged with nothing.
bool SyncQueue::wants_base(const PreparedEnqueue& prepared) {
  if (prepared.request.base_data || !prepared.action) return false;
  const profile::ActionKind kind = (*prepared.action)->kind;
  return kind == profile::ActionKind::update || kind == profile::ActionKind::remove;
}

Result<Accepted> SyncQueue::on_enqueue(store::Transaction& tx, const PreparedEnqueue& prepared,
                                       Instant now) {
  const EnqueueRequest& request = prepared.request;
  LANDFALL_TRY_ASSIGN(auto before, accepted_before(tx, prepared));
  if (before) return std::move(*before);
  LANDFALL_TRY_ASSIGN(const profile::Action* action, prepared.action);
  Lane lane;
  LANDFALL_TRY_ASSIGN(lane.open, check_room(tx, request));

  LANDFALL_TRY_ASSIGN(Replaced replaced, find_replaced(tx, prepared, lane));

  Operation operation;
  operation.id = request.id;
  operation.entity = request.entity;
  operation.action = request.action;
  operation.schema = static_cast<int>(action->schema);
  operation.group_id = request.group_id;
  operation.created_at = now;
  if (replaced.operation) operation.supersedes = replaced.operation->id;
  if (replaced.payload) {
    operation.after = replaced.operation->after;
    operation.base_version = replaced.operation->base_version;
  } else {
    LANDFALL_TRY(stand_on(tx, prepared, lane, operation));
    replaced.base = base_of(request, operation);
  }

  // Nothing was written before this line: a refusal leaves the transaction as it was.
  const store::OperationContent content{replaced.payload.value_or(request.payload),
                                        request.attestation};
  operation.bytes = wire_bytes_max(operation, content);
  QueueStep step(tx, parts_.profile, parts_.outbox_key, now);
  if (replaced.operation)
    LANDFALL_TRY(step.supersede_with_dependents(std::move(*replaced.operation)));
  LANDFALL_TRY_ASSIGN(operation.seq, OperationTable::insert(tx, parts_.outbox_key, operation,
                                                            prepared.hash, content));
  if (replaced.base) {
    LANDFALL_TRY(store::BaseTable::insert(tx, parts_.outbox_key, operation.seq, operation.id,
                                          *replaced.base));
  }
  return Accepted{
      operation.id,        operation.seq, operation.state, false, std::move(step.effects.changes),
      operation.supersedes};
}

// What the caller names, or what the profile lets it take the place of.
Result<SyncQueue::Replaced> SyncQueue::find_replaced(const store::Transaction& tx,
                                                     const PreparedEnqueue& prepared,
                                                     Lane& lane) const {
  const EnqueueRequest& request = prepared.request;
  if (!request.supersedes) return lane.open > 0 ? coalesce(tx, prepared) : Replaced{};
  LANDFALL_TRY_ASSIGN(auto superseded, OperationTable::find(tx, *request.supersedes));
  if (!superseded) return invalid("supersedes", "there is no such operation");
  LANDFALL_TRY(check_supersedable(*superseded, request.entity));
  LANDFALL_TRY_ASSIGN(lane.leaving, leaving_with(tx, superseded->id));
  return Replaced{std::move(superseded), std::nullopt, std::nullopt};
}

Result<SyncQueue::Replaced> SyncQueue::coalesce(const store::Transaction& tx,
                                                const PreparedEnqueue& prepared) const {
  const profile::Action& action = **prepared.action;
  if (action.coalesce == profile::Coalesce::none) return Replaced{};
  LANDFALL_TRY_ASSIGN(auto last, OperationTable::top_of_lane(tx, prepared.request.entity));
  if (!last || !may_coalesce(action, prepared.request, *last)) return Replaced{};
  LANDFALL_TRY_ASSIGN(const auto content, OperationTable::content(tx, parts_.outbox_key, last->id));
  if (content.attestation) return Replaced{};
  std::string payload =
      coalesced_payload(action.coalesce, content.payload, prepared.request.payload);
  const std::size_t bytes_max =
      std::min(parts_.profile.limits.payload_bytes_max, limits::kPayloadBytesMax);
  if (payload.size() > bytes_max) return Replaced{};
  LANDFALL_TRY_ASSIGN(auto base,
                      store::BaseTable::find(tx, parts_.outbox_key, last->seq, last->id));
  return Replaced{std::move(last), std::move(payload), std::move(base)};
}

}  // namespace landfall::sync
