#include "engine/sync/data_changes.hpp"

#include <algorithm>

#include "engine/profile/profile.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/referring_operations.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

Result<ChangeFacts> facts_of(const store::Reader& reader, const EntityKey& entity) {
  ChangeFacts facts;
  LANDFALL_TRY_ASSIGN(facts.known_version, store::OperationTable::known_version(reader, entity));
  LANDFALL_TRY_ASSIGN(facts.awaits_answer, store::awaits_answer(reader, entity));
  return facts;
}

}  // namespace

ChangeVerdict judge_change(const DataChanged& change, const ChangeFacts& facts) {
  if (facts.known_version && *facts.known_version >= change.row_version)
    return ChangeVerdict::known;
  return facts.awaits_answer ? ChangeVerdict::echo : ChangeVerdict::news;
}

void DataChanges::on_changed(const DataChanged& change, Instant now) {
  const auto found = waiting_.find(change.entity);
  if (found != waiting_.end()) {
    found->second.row_version = std::max(found->second.row_version, change.row_version);
  } else if (waiting_.size() < limits::kChangesWaitingMax) {
    waiting_.emplace(change.entity, Waiting{change.row_version, now});
  } else {
    too_many_ = true;
  }
  if (!gather_until_) gather_until_ = now + Duration{limits::kChangesGatherMs};
  next_look_at_ = gather_until_;
}

Result<DataChanges::Fate> DataChanges::look_at_one(const store::Reader& reader,
                                                   const EntityKey& entity, const Waiting& waiting,
                                                   bool page_under_way, Instant now,
                                                   ChangesToAsk& ask) const {
  LANDFALL_TRY_ASSIGN(const EntityKey key, store::AliasTable::resolve(reader, entity));
  LANDFALL_TRY_ASSIGN(const ChangeFacts facts, facts_of(reader, key));
  const ChangeVerdict verdict = judge_change({key, waiting.row_version}, facts);
  if (verdict == ChangeVerdict::known) return Fate::done;
  if (verdict == ChangeVerdict::echo && now - waiting.told_at < Duration{limits::kEchoWaitMs})
    return Fate::waits_for_answer;
  const auto* type = profile_->entity(key.type);
  if (type == nullptr || !type->scope.empty()) {
    if (page_under_way) return Fate::waits_for_page;
    ask.pull = true;
  } else if (type->tier != profile::Tier::online && facts.known_version) {
    ask.refresh.push_back(key);
  }
  return Fate::done;
}

Result<ChangesToAsk> DataChanges::on_look(const store::Reader& reader, bool page_under_way,
                                          Instant now) {
  ChangesToAsk ask;
  if (gather_until_ && now < *gather_until_) return ask;
  gather_until_.reset();
  next_look_at_.reset();
  if (too_many_ && !page_under_way) {
    ask.pull = true;
    too_many_ = false;
  }
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    const auto& [entity, waiting] = *each;
    LANDFALL_TRY_ASSIGN(const Fate fate,
                        look_at_one(reader, entity, waiting, page_under_way, now, ask));
    if (fate == Fate::waits_for_answer) {
      const Instant at = waiting.told_at + Duration{limits::kEchoWaitMs};
      next_look_at_ = std::min(next_look_at_.value_or(at), at);
    }
    each = fate == Fate::done ? waiting_.erase(each) : std::next(each);
  }
  return ask;
}

}  // namespace landfall::sync
