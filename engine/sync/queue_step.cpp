#include "engine/sync/queue_step.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/named_entity_table.hpp"
#include "engine/store/notice_table.hpp"
#include "engine/store/reference_table.hpp"
#include "engine/sync/delivery.hpp"
#include "engine/sync/dependents.hpp"
#include "engine/sync/new_operation.hpp"
#include "engine/sync/push_results.hpp"
#include "engine/sync/references.hpp"

namespace landfall::sync {
namespace {

constexpr Instant kNever{};

void leave_batch(Operation& operation) {
  operation.batch.reset();
  operation.block_reason = BlockReason::none;
}

bool is_refused(OperationState state) {
  return state == OperationState::rejected || state == OperationState::conflict;
}

// It never left the device in any form, so its bytes are not fixed yet.
bool may_change(const Operation& operation) {
  return operation.last_sent_at == kNever && operation.state != OperationState::sending;
}

}  // namespace

OperationState waiting_state(const Operation& operation) noexcept {
  return operation.effect == OperationEffect::possible ? OperationState::unknown
                                                       : OperationState::queued;
}

Status QueueStep::save(const Operation& operation) {
  LANDFALL_TRY(store::OperationTable::save(tx, operation));
  note_change(operation);
  return {};
}

Status QueueStep::save(const Operation& operation, std::string_view verdict) {
  LANDFALL_TRY(store::OperationTable::save(tx, key, operation, verdict));
  note_change(operation);
  return {};
}

void QueueStep::note_change(const Operation& operation) {
  effects.changes.push_back({operation.id, operation.entity, operation.state,
                             operation.block_reason, operation.attempts});
}

Status QueueStep::tell(const Operation& operation, std::string_view kind, std::string_view code) {
  LANDFALL_TRY_ASSIGN(auto notice, store::NoticeTable::add(tx, operation.id, kind, code, now));
  if (notice) effects.notices.push_back(std::move(*notice));
  return {};
}

void QueueStep::wait_for_turn(Operation& operation, Instant due_at, Wait wait) const {
  leave_batch(operation);
  operation.state = waiting_state(operation);
  operation.due_at = due_at;
  operation.wait = wait;
}

void QueueStep::block(Operation& operation, BlockReason reason, std::string_view cause) const {
  leave_batch(operation);
  operation.state = OperationState::blocked;
  operation.block_reason = reason;
  operation.cause = cause;
  // Its own due time counts again when it is released.
  if (reason == BlockReason::dependency || cause == kPermissionRevoked) return;
  operation.due_at = kNever;
  operation.wait = Wait::none;
}

void QueueStep::settle(Operation& operation, OperationState state, std::string_view cause) const {
  leave_batch(operation);
  operation.state = state;
  operation.due_at = kNever;
  operation.wait = Wait::none;
  operation.waiting_since = kept_from;
  operation.part.reset();
  operation.settled_at = now;
  operation.cause = cause;
}

// The entity of an applied operation goes by the server's id, with all operations of its lane: none
// of those that wait has left under the other one (BatchChooser).
Status QueueStep::take_id(Operation& operation, const std::string& server_id) {
  if (!profile.server_names(operation.entity.type) || server_id == operation.entity.id) return {};
  const EntityKey local = operation.entity;
  const auto on_the_wire = [](const std::string& id) {
    return static_cast<std::int64_t>(dump_json(Json(id)).size());
  };
  const std::int64_t more = on_the_wire(server_id) - on_the_wire(local.id);
  LANDFALL_TRY(store::AliasTable::insert(tx, local, server_id));
  LANDFALL_TRY(store::OperationTable::rename_lane(tx, local, server_id, more));
  operation.entity.id = server_id;
  operation.bytes += more;
  effects.assigned.push_back({local, server_id});
  return {};
}

Status QueueStep::settle_by_verdict(Operation& operation, const OperationResult& result) {
  OperationState state = OperationState::applied;
  std::string_view kind;
  if (result.status == ResultStatus::conflict) {
    state = OperationState::conflict;
    kind = "conflict";
  } else if (result.status == ResultStatus::rejected) {
    state = OperationState::rejected;
    kind = "rejected";
  }
  if (state == OperationState::applied && result.assigned_id)
    LANDFALL_TRY(take_id(operation, *result.assigned_id));
  const std::string code = result.code.empty() || kind.empty() ? std::string(kind) : result.code;
  operation.effect = OperationEffect::known;
  operation.result_version = result.row_version;
  operation.adopted = !result.entity.has_value();
  settle(operation, state, code);
  // Of a conflict the user is told when the rules have not decided it without them.
  if (kind == "rejected") LANDFALL_TRY(tell(operation, kind, code));
  if (result.entity) effects.entities.push_back({operation.id, *result.entity});
  // Also when the verdict brought its own entity: what else the decision changed (a count on the
  // dashboard, the order that was received), and what others did meanwhile, only a pull can tell
  // (P-28, step 3).
  effects.pull = effects.pull || state != OperationState::rejected;
  return {};
}

void QueueStep::fail(Operation& operation) const {
  leave_batch(operation);
  operation.state = OperationState::failed;
  operation.due_at = kNever;
  operation.wait = Wait::none;
  operation.part.reset();
  operation.cause = "retries.spent";
}

// The operation below was applied before this one ever left: it goes with the version that one
// produced, or with a newer one that a commutative operation of this lane has produced since and
// that the user had seen (INV-Q16).
Status QueueStep::stand_on_version(Operation& dependent) const {
  dependent.after.reset();
  LANDFALL_TRY_ASSIGN(dependent.base_version, store::OperationTable::version_produced_before(
                                                  tx, dependent.entity, dependent.seq));
  return {};
}

// Whether it names a version from now on. The call of an endpoint has no place for an operation.
Result<bool> QueueStep::take_version(Operation& dependent, const Operation& below) const {
  if (below.state != OperationState::applied || !may_change(dependent)) return false;
  if (way_of(profile, dependent).delivery == profile::Delivery::endpoint) {
    dependent.after.reset();
    LANDFALL_TRY_ASSIGN(dependent.base_version,
                        version_behind_lane(tx, dependent.entity, dependent.seq - 1));
    return true;
  }
  if (!below.result_version) return false;
  LANDFALL_TRY(stand_on_version(dependent));
  return true;
}

// Whether the dependent's own state changed, so that what stands on it must follow as well.
Result<bool> QueueStep::follow_one(Operation& dependent, const Root& root) {
  if (is_settled(dependent.state) || dependent.state == OperationState::failed) return false;
  const bool holds = !is_live(root.operation.state);
  LANDFALL_TRY_ASSIGN(bool changed, take_version(dependent, root.operation));
  if (holds && root.impossible && dependent.effect == OperationEffect::possible) {
    dependent.effect = OperationEffect::none;
    changed = true;
  }
  LANDFALL_TRY_ASSIGN(const bool moved, hold_or_release(dependent, root.operation));
  if (changed || moved) LANDFALL_TRY(save(dependent));
  return moved || (changed && root.impossible);
}

// It names what `create` makes. Once that is applied it goes by the server's id.
Result<bool> QueueStep::follow_create(Operation& dependent, const Operation& create) {
  const bool is_made = create.state == OperationState::applied;
  if (is_made) {
    const profile::Action* action = profile.action(dependent.entity.type, dependent.action);
    LANDFALL_TRY_ASSIGN(auto content, store::OperationTable::content(tx, key, dependent.id));
    if (action != nullptr) {
      LANDFALL_TRY_ASSIGN(auto referred, refer(tx, profile, *action, content.payload));
      LANDFALL_TRY(store::NamedEntityTable::replace(tx, dependent.seq, referred.entities));
      if (referred.payload) content.payload = std::move(*referred.payload);
    }
    dependent.bytes = wire_bytes_max(dependent, content);
    LANDFALL_TRY(store::OperationTable::rewrite(tx, key, dependent, content.payload));
    LANDFALL_TRY(store::ReferenceTable::remove(tx, dependent.seq, create.id));
  }
  LANDFALL_TRY_ASSIGN(const bool moved, hold_or_release(dependent, create));
  if (moved || is_made) LANDFALL_TRY(save(dependent));
  return moved;
}

// Whether that changed anything.
Result<bool> QueueStep::hold_or_release(Operation& dependent, const Operation& below) {
  const bool held = dependent.state == OperationState::blocked &&
                    dependent.block_reason == BlockReason::dependency;
  if (!is_live(below.state)) {
    if (!held) block(dependent, BlockReason::dependency, "dependency");
    return !held;
  }
  if (!held) return false;
  LANDFALL_TRY_ASSIGN(const bool still_held, is_held(dependent));
  if (still_held) return false;
  dependent.cause.clear();
  wait_for_turn(dependent, dependent.due_at, dependent.wait);
  return true;
}

Result<bool> QueueStep::is_held(const Operation& operation) const {
  if (operation.after) {
    LANDFALL_TRY_ASSIGN(const auto below, store::OperationTable::find(tx, *operation.after));
    if (below && !is_live(below->state)) return true;
  }
  LANDFALL_TRY_ASSIGN(const auto creates, store::ReferenceTable::needed_by(tx, operation.seq));
  return std::any_of(creates.begin(), creates.end(),
                     [](const auto& create) { return !is_live(create.state); });
}

Status QueueStep::follow(const Operation& operation) {
  std::vector<Root> roots{{operation, is_refused(operation.state)}};
  while (!roots.empty()) {
    const Root root = std::move(roots.back());
    roots.pop_back();
    LANDFALL_TRY_ASSIGN(const bool is_waited_for,
                        store::OperationTable::is_waited_for(tx, root.operation.id));
    if (!is_waited_for) continue;
    LANDFALL_TRY_ASSIGN(auto dependents, store::OperationTable::dependents(tx, root.operation.id));
    for (Operation& dependent : dependents) {
      LANDFALL_TRY_ASSIGN(const bool moved, follow_one(dependent, root));
      if (moved) roots.push_back({std::move(dependent), root.impossible});
    }
    LANDFALL_TRY_ASSIGN(auto needing, store::OperationTable::needing(tx, root.operation.id));
    for (Operation& dependent : needing) {
      LANDFALL_TRY_ASSIGN(const bool moved, follow_create(dependent, root.operation));
      if (moved) roots.push_back({std::move(dependent), false});
    }
  }
  return {};
}

Status QueueStep::supersede_with_dependents(Operation operation) {
  LANDFALL_TRY_ASSIGN(auto superseded, with_dependents(tx, std::move(operation)));
  for (Operation& each : superseded) {
    settle(each, OperationState::superseded, "superseded");
    LANDFALL_TRY(save(each));
  }
  return {};
}

}  // namespace landfall::sync
