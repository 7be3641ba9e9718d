#include <algorithm>
#include <utility>

#include "engine/profile/profile.hpp"
#include "engine/store/conflict_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/reference_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/delivery.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

std::string described(const Operation& operation) {
  std::string text(to_string(operation.state));
  if (operation.state == OperationState::blocked)
    text += "(" + std::string(to_string(operation.block_reason)) + ")";
  return text;
}

// What would help an operation that waits for something else than time.
std::string_view help_for(const Operation& operation) {
  switch (operation.state) {
    case OperationState::failed:
      return "retry";
    case OperationState::rejected:
    case OperationState::conflict:
      return "resolve";
    case OperationState::blocked:
      break;
    default:
      return "";
  }
  switch (operation.block_reason) {
    case BlockReason::auth:
      return "login";
    case BlockReason::upgrade:
      return "update_app";
    case BlockReason::permission:
      return "permission";
    case BlockReason::dependency:
      return "resolve";
    default:
      return "retry";
  }
}

// The first of its lane that is waiting and was accepted before it.
Result<std::optional<Operation>> ahead_in_lane(const store::Reader& reader,
                                               const Operation& operation) {
  LANDFALL_TRY_ASSIGN(auto lane, OperationTable::lane(reader, operation.entity));
  for (Operation& other : lane) {
    if (other.seq < operation.seq && other.state <= OperationState::unknown)
      return std::optional{std::move(other)};
  }
  return std::optional<Operation>{};
}

// What it depends on and what holds it.
Result<std::optional<Operation>> holder_of(const store::Reader& reader,
                                           const Operation& operation) {
  if (operation.after) {
    LANDFALL_TRY_ASSIGN(auto below, OperationTable::find(reader, *operation.after));
    if (below && !is_live(below->state)) return below;
  }
  LANDFALL_TRY_ASSIGN(const auto creates, store::ReferenceTable::needed_by(reader, operation.seq));
  for (const auto& create : creates) {
    if (!is_live(create.state)) return OperationTable::find(reader, create.id);
  }
  return std::optional<Operation>{};
}

// What the conflict inbox knows of it: "conflict open: note by ask", "superseded by 0198…".
Status explain_conflict(const store::Reader& reader, const store::Sealer& outbox_key,
                        const Operation& operation, std::vector<std::string>& causes) {
  const bool may_have_one =
      operation.state == OperationState::conflict || operation.state == OperationState::superseded;
  if (!may_have_one) return {};
  LANDFALL_TRY_ASSIGN(const auto conflict,
                      store::ConflictTable::find(reader, outbox_key, operation.id));
  if (!conflict) return {};
  std::string text = "conflict " + std::string(conflict::to_string(conflict->state));
  if (conflict->state == conflict::ConflictState::open) {
    text += ": " + conflict::question_of(conflict->body);
  }
  causes.push_back(std::move(text));
  for (const OperationId& heir : conflict->heirs) {
    causes.push_back("superseded by " + to_text(heir));
  }
  return {};
}

}  // namespace

// Down the chain of what it stands on, to the one that something could be done about.
Result<Explanation> SyncQueue::explain(const store::Reader& reader, const OperationId& id,
                                       Instant now) const {
  Explanation explanation;
  LANDFALL_TRY_ASSIGN(explanation.operation, named(reader, id));
  LANDFALL_TRY_ASSIGN(auto content,
                      OperationTable::content(reader, parts_.outbox_key, explanation.operation));
  explanation.payload = std::move(content.payload);
  Operation root = explanation.operation;
  explanation.causes.push_back(described(root));
  while (root.state == OperationState::blocked && root.block_reason == BlockReason::dependency) {
    LANDFALL_TRY_ASSIGN(auto below, holder_of(reader, root));
    if (!below) break;
    root = std::move(*below);
    explanation.causes.push_back(to_text(root.id) + " is " + described(root));
  }
  LANDFALL_TRY(explain_conflict(reader, parts_.outbox_key, root, explanation.causes));
  if (!root.cause.empty() && root.cause != "dependency") explanation.causes.push_back(root.cause);
  const profile::Action* action = parts_.profile.action(root.entity.type, root.action);
  if (root.cause == kPermissionRevoked && action != nullptr)
    explanation.causes.push_back("needs the right " + action->permission);
  explanation.would_help = help_for(root);
  if (root.state > OperationState::unknown) return explanation;
  return explain_waiting(reader, std::move(explanation), now);
}

Result<Explanation> SyncQueue::explain_waiting(const store::Reader& reader, Explanation explanation,
                                               Instant now) const {
  explanation.would_help = "wait";
  if (explanation.operation.state == OperationState::sending) return explanation;
  LANDFALL_TRY_ASSIGN(const auto ahead, ahead_in_lane(reader, explanation.operation));
  if (ahead) explanation.causes.push_back("behind " + to_text(ahead->id));
  LANDFALL_TRY_ASSIGN(const auto creates,
                      store::ReferenceTable::needed_by(reader, explanation.operation.seq));
  for (const auto& create : creates)
    explanation.causes.push_back("names what " + to_text(create.id) + " makes");
  const Operation& next = ahead ? *ahead : explanation.operation;
  LANDFALL_TRY_ASSIGN(const Instant quiet, held_until(reader));
  const Instant held =
      std::max(quiet, parts_.pace.held_until(target_of(way_of(parts_.profile, next), next.entity)));
  const Instant due_at = std::max(next.due_at, held);
  if (!reachable_) {
    explanation.causes.emplace_back("network.unreachable");
    explanation.would_help = "network";
    return explanation;
  }
  if (!authenticated_) {
    explanation.causes.emplace_back(is_renewing_ ? "session.renewing" : "session.missing");
    explanation.would_help = is_renewing_ ? "wait" : "login";
    return explanation;
  }
  if (held > now) explanation.causes.emplace_back("outbox.held");
  explanation.next_attempt_at = std::max(due_at, now);
  return explanation;
}

}  // namespace landfall::sync
