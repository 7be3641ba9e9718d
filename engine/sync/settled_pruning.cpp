#include "engine/sync/settled_pruning.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/store/forget_operation.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

// Lanes with work keep their history; each lane is looked at once.
class Lanes final {
 public:
  explicit Lanes(const store::Reader& reader) : reader_(reader) {}

  [[nodiscard]] Result<bool> has_work(const EntityKey& lane) {
    const auto known = known_.find(lane);
    if (known != known_.end()) return known->second;
    LANDFALL_TRY_ASSIGN(const std::int64_t open, OperationTable::open_in_lane(reader_, lane));
    return known_.emplace(lane, open > 0).first->second;
  }

 private:
  const store::Reader& reader_;
  std::map<EntityKey, bool> known_;
};

// A mark that neither clock has reached was made under one that was ahead.
bool is_counted(const Operation& operation, const ForgettingClocks& clocks) {
  return operation.waiting_since != Instant{} && operation.waiting_since <= clocks.later;
}

// Whether so many newer operations were accepted that its age counts no more.
bool is_counted_out(const Operation& operation, const profile::SyncRules& rules,
                    std::int64_t newest_seq) {
  return operation.seq <= newest_seq - static_cast<std::int64_t>(rules.settled_operations_max);
}

// Nothing that was accepted later can be old enough, by whatever the profile counts. One that was
// accepted under a clock that ran ahead says nothing of those behind it.
bool is_young(const Operation& operation, const profile::SyncRules& rules, std::int64_t newest_seq,
              Instant now) {
  return !is_counted_out(operation, rules, newest_seq) && operation.created_at <= now &&
         now - operation.created_at < rules.settled_kept;
}

}  // namespace

bool was_kept_long_enough(const Operation& operation, const profile::SyncRules& rules,
                          std::int64_t newest_seq, Instant now) {
  const bool is_known_to_server =
      rules.idempotency == profile::Idempotency::key && operation.effect == OperationEffect::known;
  if (operation.waiting_since == Instant{}) return false;
  const Duration age = now - operation.waiting_since;
  if (!is_known_to_server) return age >= std::max(rules.settled_kept, rules.receipts_kept);
  return age >= rules.settled_kept || (is_counted_out(operation, rules, newest_seq) &&
                                       age >= Duration{limits::kSettledKeptMsMin});
}

bool SettledPruning::is_due(const ForgettingClocks& clocks) const {
  // A clock that was set back meanwhile puts no round off.
  return !over_at_ || clocks.earlier < *over_at_ ||
         clocks.earlier - *over_at_ >= Duration{limits::kForgetEveryMs};
}

Result<SettledPruning::Finding> SettledPruning::find(const store::Reader& reader,
                                                     const ForgettingClocks& clocks) const {
  Finding finding;
  finding.looked_up_to = looked_up_to_;
  LANDFALL_TRY_ASSIGN(const std::int64_t newest_seq, OperationTable::newest_seq(reader));
  LANDFALL_TRY_ASSIGN(auto operations, OperationTable::list(reader, true, looked_up_to_,
                                                            limits::kForgetLookedAtMax));
  finding.is_last = operations.size() < limits::kForgetLookedAtMax;
  Lanes lanes(reader);
  for (Operation& operation : operations) {
    if (finding.forgotten.size() + finding.marked.size() == limits::kForgottenAtOnceMax) {
      finding.is_last = false;
      break;
    }
    if (is_young(operation, rules_, newest_seq, clocks.earlier)) {
      finding.is_last = true;
      break;
    }
    finding.looked_up_to = operation.seq;
    if (!is_settled(operation.state)) continue;
    if (!is_counted(operation, clocks)) {
      finding.marked.push_back(std::move(operation));
      continue;
    }
    if (!operation.adopted) continue;
    if (!was_kept_long_enough(operation, rules_, newest_seq, clocks.earlier)) continue;
    LANDFALL_TRY_ASSIGN(const bool has_work, lanes.has_work(operation.entity));
    if (has_work) continue;
    LANDFALL_TRY_ASSIGN(const bool is_needed, store::is_still_needed(reader, operation));
    if (!is_needed) finding.forgotten.push_back(std::move(operation));
  }
  return finding;
}

void SettledPruning::go_on(const Finding& finding, const ForgettingClocks& clocks) {
  looked_up_to_ = finding.looked_up_to;
  if (!finding.is_last) return;
  looked_up_to_ = 0;
  over_at_ = clocks.earlier;
}

Result<bool> SettledPruning::look(const store::Reader& reader, const ForgettingClocks& clocks) {
  if (!is_due(clocks)) return false;
  LANDFALL_TRY_ASSIGN(const Finding finding, find(reader, clocks));
  if (!finding.forgotten.empty() || !finding.marked.empty()) return true;
  go_on(finding, clocks);
  return false;
}

Status SettledPruning::prune(store::Transaction& tx, const ForgettingClocks& clocks) {
  LANDFALL_TRY_ASSIGN(Finding finding, find(tx, clocks));
  for (const Operation& operation : finding.forgotten)
    LANDFALL_TRY(store::forget_operation(tx, operation));
  for (Operation& operation : finding.marked) {
    operation.waiting_since = clocks.later;
    LANDFALL_TRY(OperationTable::save(tx, operation));
  }
  go_on(finding, clocks);
  return {};
}

}  // namespace landfall::sync
