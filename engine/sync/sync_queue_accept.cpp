#include <algorithm>
#include <utility>
#include <vector>

#include "engine/profile/profile.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/base_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/coalesce.hpp"
#include "engine/sync/conflict_inbox.hpp"
#include "engine/sync/dependents.hpp"
#include "engine/sync/group_room.hpp"
#include "engine/sync/new_operation.hpp"
#include "engine/sync/outbox_room.hpp"
#include "engine/sync/prepared_enqueue.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/sync_queue.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

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

std::size_t wire_bytes_at_most(const EnqueueRequest& request) {
  const std::size_t proof = request.attestation ? request.attestation->size() : 0;
  return request.payload.size() + proof + limits::kOperationEnvelopeBytesMax / 2;
}

// What an enqueue takes the place of.
struct Replaced {
  std::optional<Operation> operation;
  // With one that never left, in one word (coalesce): what both say.
  std::optional<PreparedEnqueue> said;
  // Superseded with it: what the caller names, and what stands on that.
  std::vector<Operation> leaving;
};

Result<Replaced> coalesce(const store::Transaction& tx, const Profile& profile,
                          const store::Sealer& outbox_key, const PreparedEnqueue& prepared) {
  const profile::Action& action = **prepared.action;
  if (action.coalesce == profile::Coalesce::none) return Replaced{};
  LANDFALL_TRY_ASSIGN(auto last, OperationTable::top_of_lane(tx, prepared.request.entity));
  if (!last || !may_coalesce(action, prepared.request, *last)) return Replaced{};
  // A commutative one went past while it was held: both in one would be sent with the version of
  // before, and the newer one would meet what came of its own lane (INV-Q16).
  LANDFALL_TRY_ASSIGN(const auto applied, OperationTable::last_applied(tx, last->entity));
  if (applied && applied->seq > last->seq) return Replaced{};
  LANDFALL_TRY_ASSIGN(const auto content, OperationTable::content(tx, outbox_key, last->id));
  if (content.attestation) return Replaced{};
  PreparedEnqueue said = prepared;
  EnqueueRequest& request = said.request;
  request.payload = coalesced_payload(action.coalesce, content.payload, request.payload);
  said.sealed_payload.reset();
  if (request.payload.size() > profile.payload_bytes_max()) return Replaced{};
  LANDFALL_TRY_ASSIGN(auto base, store::BaseTable::find(tx, outbox_key, last->seq, last->id));
  request.supersedes = last->id;
  request.base_data.reset();
  if (base) {
    request.base_data = std::move(base->data);
    request.base_data_version = base->row_version;
  }
  return Replaced{std::move(last), std::move(said), {}};
}

// What the caller names, or what the profile lets it take the place of.
Result<Replaced> find_replaced(const store::Transaction& tx, const Profile& profile,
                               const store::Sealer& outbox_key, const PreparedEnqueue& prepared,
                               Lane& lane) {
  const EnqueueRequest& request = prepared.request;
  if (!request.supersedes)
    return lane.open > 0 ? coalesce(tx, profile, outbox_key, prepared) : Replaced{};
  LANDFALL_TRY_ASSIGN(auto superseded, OperationTable::find(tx, *request.supersedes));
  if (!superseded) return invalid("supersedes", "there is no such operation");
  LANDFALL_TRY(check_supersedable(*superseded, request.entity));
  LANDFALL_TRY_ASSIGN(auto leaving, with_dependents(tx, *superseded));
  lane.leaving = ids_of(leaving);
  return Replaced{std::move(superseded), std::nullopt, std::move(leaving)};
}

}  // namespace

Result<std::optional<Accepted>> SyncQueue::accepted_before(const store::Transaction& tx,
                                                           const PreparedEnqueue& prepared) const {
  const EnqueueRequest& request = prepared.request;
  // Ids are ordered by time, so that nearly all are new at a glance.
  if (greatest_id_ && request.id > *greatest_id_) return std::optional<Accepted>{};
  LANDFALL_TRY_ASSIGN(const auto stored, OperationTable::hash(tx, request.id));
  if (!stored) return std::optional<Accepted>{};
  if (*stored != prepared.hash) {
    return failure(Error{ErrorClass::invalid, "operation.id_reused",
                         "this id was accepted before with another content", "id"});
  }
  LANDFALL_TRY_ASSIGN(const auto operation, OperationTable::find(tx, request.id));
  return std::optional<Accepted>{
      {operation->id, operation->seq, operation->state, true, {}, operation->supersedes, {}}};
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
  LANDFALL_TRY(prepared.action);
  LANDFALL_TRY(check_attestation(parts_.profile, prepared));
  Lane lane;
  LANDFALL_TRY_ASSIGN(lane.open, OperationTable::open_in_lane(tx, request.entity));
  LANDFALL_TRY(check_room(tx, parts_.profile, lane.open, wire_bytes_at_most(request)));

  LANDFALL_TRY_ASSIGN(Replaced replaced,
                      find_replaced(tx, parts_.profile, parts_.outbox_key, prepared, lane));
  LANDFALL_TRY(check_group_room(tx, parts_.profile, prepared, replaced.leaving));
  Operation operation;
  operation.created_at = now;
  if (replaced.said) {
    operation.after = replaced.operation->after;
    operation.base_version = replaced.operation->base_version;
  } else {
    LANDFALL_TRY(stand_on(tx, prepared, lane, operation));
  }

  // Nothing was written before this line: a refusal leaves the transaction as it was.
  QueueStep step = step_at(tx, now);
  if (replaced.operation) {
    LANDFALL_TRY(inbox().close(step, *replaced.operation, request.id));
    LANDFALL_TRY(step.supersede_with_dependents(std::move(*replaced.operation)));
  }
  LANDFALL_TRY(insert(step, replaced.said ? *replaced.said : prepared, operation));
  if (greatest_id_) greatest_id_ = std::max(*greatest_id_, operation.id);
  LANDFALL_TRY(look_at_rights(tx));
  // What its user wrote is never refused for it: the right may come back.
  if (operation.state == OperationState::queued && !may_be_sent(operation))
    LANDFALL_TRY(hold_for_right(step, operation));
  return Accepted{operation.id,
                  operation.seq,
                  operation.state,
                  false,
                  std::move(step.effects.changes),
                  operation.supersedes,
                  std::move(step.effects.conflicts)};
}

}  // namespace landfall::sync
