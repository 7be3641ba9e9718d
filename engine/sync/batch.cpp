#include "engine/sync/batch.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/retry_schedule.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using Company = BatchChooser::Company;
using profile::Delivery;

// The lanes that a dead head holds, where the profile wants that (on_head_dead: block).
Status hold_dead_lanes(const store::Reader& reader, BatchChooser& chooser) {
  LANDFALL_TRY_ASSIGN(const auto heads, store::OperationTable::dead_heads(reader));
  for (const Operation& head : heads) chooser.hold_lane_behind(head.entity, head.seq);
  return {};
}

Result<BatchChoice> choose(const store::Reader& reader, const Profile& profile,
                           BatchChooser chooser, const std::vector<EntityKey>& busy_lanes,
                           std::size_t offers_max) {
  for (const EntityKey& lane : busy_lanes) chooser.hold_lane_behind(lane, 0);
  if (profile.sync.on_head_dead == profile::OnHeadDead::block)
    LANDFALL_TRY(hold_dead_lanes(reader, chooser));
  LANDFALL_TRY_ASSIGN(store::SendableOperations candidates,
                      store::OperationTable::sendable(reader));
  for (std::size_t offered = 0; offered < offers_max; ++offered) {
    LANDFALL_TRY_ASSIGN(auto candidate, candidates.next());
    if (!candidate || !chooser.offer(std::move(*candidate))) break;
  }
  return chooser.take();
}

Result<BatchChoice> choose_together(const store::Reader& reader, const Profile& profile,
                                    const FreeSlots& slots, Instant now) {
  const auto choose_part = [&](std::optional<std::int64_t> part) {
    BatchChooser chooser(profile, Company::together, slots.together, part, now);
    if (slots.pace != nullptr) chooser.hold_repeats(*slots.pace, 0);
    return choose(reader, profile, std::move(chooser), slots.busy_lanes, SIZE_MAX);
  };
  // A server that is down leaves hundreds of parts behind, and to look into one is to go through
  // the whole outbox.
  const auto is_held = [&](const Operation& operation) {
    if (slots.pace == nullptr) return false;
    return slots.pace->held_until(target_of(way_of(profile, operation), operation.entity)) > now;
  };
  LANDFALL_TRY_ASSIGN(const auto parts, store::OperationTable::first_of_due_parts(reader, now));
  for (const Operation& first : parts) {
    if (is_held(first)) continue;
    LANDFALL_TRY_ASSIGN(BatchChoice choice, choose_part(first.part));
    if (choice.has_work()) return choice;
  }
  return choose_part(std::nullopt);
}

bool is_repeat(const BatchChoice& together, const RepeatPace& pace) {
  if (together.operations.empty()) return false;
  return pace.is_repeat(target_of(together.way, together.operations.front().entity));
}

// Those that leave alone do not enter the lanes of those that leave together.
Status add_alone(const store::Reader& reader, const Profile& profile, const FreeSlots& slots,
                 Instant now, BatchChoice& choice) {
  std::vector<EntityKey> busy = slots.busy_lanes;
  for (const Operation& operation : choice.operations) busy.push_back(operation.entity);
  BatchChooser chooser(profile, Company::alone, {slots.alone, 0}, std::nullopt, now);
  if (slots.pace != nullptr)
    chooser.hold_repeats(*slots.pace, is_repeat(choice, *slots.pace) ? 1 : 0);
  LANDFALL_TRY_ASSIGN(BatchChoice alone,
                      choose(reader, profile, std::move(chooser), busy, limits::kAloneLookedAtMax));
  choice.alone = std::move(alone.operations);
  std::move(alone.beyond_receipts.begin(), alone.beyond_receipts.end(),
            std::back_inserter(choice.beyond_receipts));
  std::move(alone.to_ask.begin(), alone.to_ask.end(), std::back_inserter(choice.to_ask));
  if (alone.look_again_at) {
    choice.look_again_at =
        std::min(choice.look_again_at.value_or(*alone.look_again_at), *alone.look_again_at);
  }
  return {};
}

}  // namespace

BatchChooser::BatchChooser(const Profile& profile, Company company, Bounds bounds,
                           std::optional<std::int64_t> part, Instant now)
    : profile_(profile), company_(company), bounds_(bounds), part_(part), now_(now) {}

void BatchChooser::hold_lane_behind(const EntityKey& lane, std::int64_t seq) {
  const auto [held, is_new] = held_behind_.emplace(lane, seq);
  held->second = std::min(held->second, seq);
}

void BatchChooser::hold_repeats(const RepeatPace& pace, std::size_t beside) {
  pace_ = &pace;
  repeats_beside_ = beside;
}

// What is made on top of a create waits for the id that the server gives to the entity: a sent
// operation never changes, and this one would name the entity by the other id.
bool BatchChooser::waits_for_id(const Operation& operation) {
  if (!profile_.server_names(operation.entity.type)) return false;
  const profile::Action* action = profile_.action(operation.entity.type, operation.action);
  if (action != nullptr && action->kind == profile::ActionKind::create)
    return !unnamed_.insert(operation.entity).second;
  return unnamed_.contains(operation.entity);
}

bool BatchChooser::offer(store::SendableOperation candidate) {
  Operation& operation = candidate.operation;
  const auto held = held_behind_.find(operation.entity);
  if (held != held_behind_.end() && operation.seq > held->second) return true;
  if (waits_for_id(operation) || candidate.needs_create || !may_join(candidate)) {
    held_behind_.emplace(std::move(operation.entity), operation.seq);
    return true;
  }
  if (!fits(operation)) return false;
  join(std::move(operation));
  return choice_.operations.size() < bounds_.operations_max;
}

// What it leaves with, and behind whom.
bool BatchChooser::goes_this_way(const store::SendableOperation& candidate, const Way& way) const {
  if ((way.delivery == Delivery::endpoint) != (company_ == Company::alone)) return false;
  if (company_ == Company::together && !choice_.operations.empty() && way != choice_.way)
    return false;
  const bool follows =
      joined_.contains(candidate.operation.entity) ||
      candidate.predecessor.value_or(OperationState::applied) != OperationState::applied;
  return way.delivery == Delivery::batch || !follows;
}

void BatchChooser::look_again_at(Instant at) {
  choice_.look_again_at = std::min(choice_.look_again_at.value_or(at), at);
}

bool BatchChooser::is_held_till_later(const std::string& target) {
  const Instant until = pace_ == nullptr ? Instant{} : pace_->held_until(target, repeats_beside_);
  if (until <= now_) return false;
  look_again_at(until);
  return true;
}

bool BatchChooser::may_join(const store::SendableOperation& candidate) {
  const Operation& operation = candidate.operation;
  const Way way = way_of(profile_, operation);
  if (!goes_this_way(candidate, way)) return false;
  if (operation.due_at > now_) {
    look_again_at(operation.due_at);
    return false;
  }
  if (candidate.predecessor && *candidate.predecessor != OperationState::applied &&
      *candidate.predecessor > OperationState::unknown) {
    return false;
  }
  // A commutative one went past while the one below was held, and made a version of its own: sent
  // with `after` this one would meet it in a conflict. Behind the verdict on the one below it names
  // that version (INV-Q16).
  if (candidate.is_predecessor_passed) return false;
  // Before its part is asked for: whoever looks for the rest hears when this part may go.
  if (is_held_till_later(target_of(way, operation.entity))) return false;
  if (company_ == Company::together && operation.part != part_) return false;
  if (is_beyond_receipts(operation, profile_.sync, now_)) {
    choice_.beyond_receipts.push_back(operation);
    return false;
  }
  if (operation.state == OperationState::unknown &&
      profile_.sync.idempotency == profile::Idempotency::receipts) {
    if (!is_held_till_later(std::string(kReceiptsTarget))) choice_.to_ask.push_back(operation);
    return false;
  }
  return true;
}

bool BatchChooser::fits(const Operation& operation) const {
  return company_ == Company::alone || choice_.operations.empty() ||
         bytes_ + operation.bytes <= bounds_.bytes_max;
}

// The first that joins says which way the call goes, and what its endpoint takes at once.
void BatchChooser::begin(Way way) {
  if (way.delivery == Delivery::group) {
    const profile::Endpoint* endpoint = profile_.endpoint(way.endpoint);
    LANDFALL_ASSERT(endpoint != nullptr);  // checked when the profile was loaded
    if (endpoint->operations_max > 0)
      bounds_.operations_max = std::min(bounds_.operations_max, endpoint->operations_max);
  }
  choice_.way = std::move(way);
}

void BatchChooser::join(Operation operation) {
  const Way way = way_of(profile_, operation);
  if (company_ == Company::alone && pace_ != nullptr &&
      pace_->is_repeat(target_of(way, operation.entity)))
    ++repeats_beside_;
  if (choice_.operations.empty()) begin(way);
  bytes_ += operation.bytes;
  joined_.insert(operation.entity);
  choice_.operations.push_back(std::move(operation));
}

Result<BatchChoice> choose_batch(const store::Reader& reader, const Profile& profile,
                                 const FreeSlots& slots, Instant now) {
  BatchChoice choice;
  if (slots.together.operations_max > 0) {
    LANDFALL_TRY_ASSIGN(choice, choose_together(reader, profile, slots, now));
  }
  if (slots.alone > 0) LANDFALL_TRY(add_alone(reader, profile, slots, now, choice));
  return choice;
}

}  // namespace landfall::sync
