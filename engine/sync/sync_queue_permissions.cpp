#include <algorithm>
#include <utility>

#include "engine/base/mutant.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/permission_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/batch.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/sync_queue.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

constexpr Instant kNever{};

// What waits for its turn, now or later.
bool is_waiting(const Operation& operation) {
  return operation.state == OperationState::queued || operation.state == OperationState::unknown;
}

bool waits_for_permission(const Operation& operation) {
  return operation.state == OperationState::blocked &&
         operation.block_reason == BlockReason::permission;
}

bool same_rights(const permissions::PermissionSet& one, const permissions::PermissionSet& other) {
  return one.is_known == other.is_known && one.granted == other.granted &&
         one.roles == other.roles && one.by_role == other.by_role;
}

}  // namespace

// They are read with whatever is decided by them, so that nothing leaves behind the commit that
// took a right away. Rights that cannot be read are unknown: the server decides.
Status SyncQueue::look_at_rights(const store::Reader& reader) {
  if (!parts_.profile.permissions) return {};
  LANDFALL_TRY_ASSIGN(const std::int64_t version, store::PermissionTable::version(reader));
  if (version == rights_version_) return {};
  auto stored = store::PermissionTable::load(reader, parts_.outbox_key);
  if (!stored && stored.error().kind != ErrorClass::corrupt) return failure(stored.error());
  rights_ = stored && *stored ? std::move(**stored) : permissions::PermissionSet{};
  rights_version_ = version;
  return {};
}

bool SyncQueue::may_be_sent(const Operation& operation) const {
  const auto& rules = parts_.profile.permissions;
  const profile::Action* action = parts_.profile.action(operation.entity.type, operation.action);
  if (!rules || action == nullptr || action->permission.empty()) return true;
  if (mutant::is(mutant::Mutant::send_without_right)) return true;
  return permissions::check_right(*rules, rights_, action->permission).is_granted;
}

Status SyncQueue::hold_for_right(QueueStep& step, Operation& operation) const {
  step.block(operation, BlockReason::permission, kPermissionRevoked);
  LANDFALL_TRY(step.save(operation));
  return step.follow(operation);
}

Status SyncQueue::match_right(QueueStep& step, Operation operation, bool rights_changed) const {
  if (!may_be_sent(operation))
    return is_waiting(operation) ? hold_for_right(step, operation) : Status{};
  if (!waits_for_permission(operation)) return {};
  const bool was_refused = operation.cause != kPermissionRevoked;
  if (was_refused && !rights_changed) return {};
  operation.cause.clear();
  const Instant soonest = operation.last_sent_at == kNever
                              ? kNever
                              : operation.last_sent_at + Duration{limits::kResendGapMs};
  const Instant due_at = std::max(operation.due_at, soonest);
  step.wait_for_turn(operation, due_at > step.now ? due_at : kNever, operation.wait);
  LANDFALL_TRY_ASSIGN(const bool is_held, step.is_held(operation));
  if (is_held) step.block(operation, BlockReason::dependency, "dependency");
  LANDFALL_TRY(step.save(operation));
  return step.follow(operation);
}

Status SyncQueue::match_rights(QueueStep& step) {
  if (!parts_.profile.permissions) return {};
  LANDFALL_TRY(look_at_rights(step.tx));
  const bool is_first = matched_rights_ == permissions::PermissionSet{};
  const bool changed = !is_first && !same_rights(matched_rights_, rights_);
  for (std::int64_t after_seq = 0;;) {
    LANDFALL_TRY_ASSIGN(
        auto page, OperationTable::list(step.tx, false, after_seq, limits::kListOperationsMax));
    if (page.empty()) break;
    after_seq = page.back().seq;
    for (const Operation& listed : page) {
      if (may_be_sent(listed) && !waits_for_permission(listed)) continue;
      // One before it may have moved it.
      LANDFALL_TRY_ASSIGN(auto operation, OperationTable::find(step.tx, listed.id));
      if (operation) LANDFALL_TRY(match_right(step, std::move(*operation), changed));
    }
  }
  matched_rights_ = rights_;
  return {};
}

Result<SyncEffects> SyncQueue::on_permissions(store::Transaction& tx, Instant now) {
  QueueStep step = step_at(tx, now);
  LANDFALL_TRY(take_back_ready(step));
  LANDFALL_TRY(match_rights(step));
  LANDFALL_TRY(look_again(step));
  return std::move(step.effects);
}

// Whether one that was chosen must stay here: then the choice is another.
Result<bool> SyncQueue::hold_unpermitted(QueueStep& step, BatchChoice& choice) const {
  bool held = false;
  for (auto* chosen : {&choice.operations, &choice.alone}) {
    for (Operation& operation : *chosen) {
      if (may_be_sent(operation)) continue;
      LANDFALL_TRY(hold_for_right(step, operation));
      held = true;
    }
  }
  return held;
}

Result<BatchChoice> SyncQueue::choose_permitted(QueueStep& step) {
  LANDFALL_TRY(look_at_rights(step.tx));
  while (true) {
    LANDFALL_TRY_ASSIGN(BatchChoice choice,
                        choose_batch(step.tx, parts_.profile, free_slots(), step.now));
    LANDFALL_TRY_ASSIGN(const bool held, hold_unpermitted(step, choice));
    if (!held) return choice;
  }
}

}  // namespace landfall::sync
