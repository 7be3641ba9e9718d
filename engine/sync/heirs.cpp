#include "engine/sync/heirs.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/new_operation.hpp"
#include "engine/sync/queue_step.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

constexpr Instant kNever{};

bool was_never_sent(const Operation& operation) {
  const bool waits =
      operation.state == OperationState::queued || operation.state == OperationState::blocked;
  return waits && operation.effect == OperationEffect::none && operation.last_sent_at == kNever;
}

bool contains(const std::vector<OperationId>& ids, const OperationId& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

std::optional<Heirs> make_heirs(const Profile& profile, SecureRandom& secure_random,
                                const Lost& lost, const conflict::Resolution& resolution,
                                Instant now) {
  Heirs heirs;
  for (std::size_t i = 0; i < lost.operations.size(); ++i) {
    const auto& payload = resolution.payloads[i];
    heirs.emplace_back();
    if (!payload) continue;
    const Operation& operation = lost.operations[i];
    EnqueueRequest request;
    request.id = make_id<OperationId>(now, secure_random);
    request.entity = operation.entity;
    request.action = operation.action;
    request.payload = dump_json(*payload);
    request.base_version = lost.row_version;
    request.supersedes = operation.id;
    request.group_id = operation.group_id;
    request.base_data = dump_json(lost.contest.theirs);
    request.base_data_version = lost.row_version;
    PreparedEnqueue heir = prepare(profile, std::move(request), *payload);
    if (!heir.action) return std::nullopt;
    heirs.back() = std::move(heir);
  }
  return heirs;
}

Result<std::vector<OperationId>> supersede(QueueStep& step, const Lost& lost, const Heirs& heirs,
                                           DecidedBy decided_by) {
  LANDFALL_TRY(step.supersede_with_dependents(lost.operations.front()));
  std::vector<OperationId> ids;
  for (std::size_t i = 0; i < heirs.size(); ++i) {
    if (!heirs[i]) continue;
    Operation heir;
    heir.created_at = decided_by == DecidedBy::rules ? lost.operations[i].created_at : step.now;
    LANDFALL_TRY(stand_on(step.tx, *heirs[i], Lane{1, {}}, heir));
    LANDFALL_TRY(insert(step, *heirs[i], heir));
    step.effects.changes.push_back({heir.id, heir.entity, heir.state, heir.block_reason, 0});
    ids.push_back(heir.id);
  }
  return ids;
}

Result<std::vector<Operation>> unsent_heirs(const store::Reader& reader,
                                            const conflict::Conflict& conflict) {
  std::vector<Operation> heirs;
  for (const OperationId& id : conflict.heirs) {
    LANDFALL_TRY_ASSIGN(auto heir, OperationTable::find(reader, id));
    LANDFALL_TRY_ASSIGN(const auto dependents, OperationTable::dependents(reader, id));
    const bool carries_others =
        std::any_of(dependents.begin(), dependents.end(), [&](const Operation& dependent) {
          return !is_settled(dependent.state) && !contains(conflict.heirs, dependent.id);
        });
    if (!heir || !was_never_sent(*heir) || carries_others) {
      return failure(ErrorClass::refused, "conflict.sent",
                     "the decision was sent, or something stands on it");
    }
    heirs.push_back(std::move(*heir));
  }
  return heirs;
}

}  // namespace landfall::sync
