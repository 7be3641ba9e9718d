#include "engine/sync/batch.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/base/json.hpp"
#include "engine/base/time.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/retry_schedule.hpp"

namespace landfall::sync {
namespace {

std::string json_text(std::string_view text) { return dump_json(Json(text)); }

// The lanes that a dead head holds, where the profile wants that (on_head_dead: block).
Status hold_dead_lanes(const store::Reader& reader, BatchChooser& chooser) {
  LANDFALL_TRY_ASSIGN(const auto heads, store::OperationTable::dead_heads(reader));
  for (const Operation& head : heads) chooser.hold_lane_behind(head.entity, head.seq);
  return {};
}

Result<BatchChoice> choose_part(const store::Reader& reader, const profile::SyncRules& rules,
                                BatchChooser::Bounds bounds, std::optional<std::int64_t> part,
                                Instant now) {
  BatchChooser chooser(rules, bounds, part, now);
  if (rules.on_head_dead == profile::OnHeadDead::block)
    LANDFALL_TRY(hold_dead_lanes(reader, chooser));
  LANDFALL_TRY_ASSIGN(store::SendableOperations candidates,
                      store::OperationTable::sendable(reader));
  while (true) {
    LANDFALL_TRY_ASSIGN(auto candidate, candidates.next());
    if (!candidate || !chooser.offer(std::move(*candidate))) return chooser.take();
  }
}

}  // namespace

BatchChooser::BatchChooser(const profile::SyncRules& rules, Bounds bounds,
                           std::optional<std::int64_t> part, Instant now)
    : rules_(rules), bounds_(bounds), part_(part), now_(now) {}

void BatchChooser::hold_lane_behind(const EntityKey& lane, std::int64_t seq) {
  held_behind_.emplace(lane, seq);
}

bool BatchChooser::offer(store::SendableOperation candidate) {
  Operation& operation = candidate.operation;
  const auto held = held_behind_.find(operation.entity);
  if (held != held_behind_.end() && operation.seq > held->second) return true;
  if (!may_join(candidate)) {
    held_behind_.emplace(std::move(operation.entity), operation.seq);
    return true;
  }
  if (!fits(operation)) return false;
  bytes_ += operation.bytes;
  choice_.operations.push_back(std::move(operation));
  return choice_.operations.size() < bounds_.operations_max;
}

bool BatchChooser::may_join(const store::SendableOperation& candidate) {
  const Operation& operation = candidate.operation;
  if (operation.due_at > now_) {
    const Instant earliest =
        std::min(choice_.look_again_at.value_or(operation.due_at), operation.due_at);
    choice_.look_again_at = earliest;
    return false;
  }
  if (candidate.predecessor && *candidate.predecessor != OperationState::applied &&
      *candidate.predecessor > OperationState::unknown) {
    return false;
  }
  if (operation.part != part_) return false;
  if (is_beyond_receipts(operation, rules_, now_)) {
    choice_.beyond_receipts.push_back(operation);
    return false;
  }
  if (operation.state == OperationState::unknown &&
      rules_.idempotency == profile::Idempotency::receipts) {
    choice_.to_ask.push_back(operation);
    return false;
  }
  return true;
}

bool BatchChooser::fits(const Operation& operation) const {
  return choice_.operations.empty() || bytes_ + operation.bytes <= bounds_.bytes_max;
}

Result<BatchChoice> choose_batch(const store::Reader& reader, const profile::SyncRules& rules,
                                 BatchChooser::Bounds bounds, Instant now) {
  LANDFALL_TRY_ASSIGN(const auto parts, store::OperationTable::due_parts(reader, now));
  for (const std::int64_t part : parts) {
    LANDFALL_TRY_ASSIGN(BatchChoice choice, choose_part(reader, rules, bounds, part, now));
    if (!choice.operations.empty() || !choice.beyond_receipts.empty() || !choice.to_ask.empty())
      return choice;
  }
  return choose_part(reader, rules, bounds, std::nullopt, now);
}

std::string wire_operation(const Operation& operation, const OperationId& id,
                           const store::OperationContent& content) {
  LANDFALL_ASSERT(!(operation.after && operation.base_version));
  std::string text = "{\"id\":\"" + to_text(id) + "\"";
  text += ",\"entity_type\":" + json_text(operation.entity.type);
  text += ",\"entity_id\":" + json_text(operation.entity.id);
  text += ",\"action\":" + json_text(operation.action);
  text += ",\"schema\":" + std::to_string(operation.schema);
  if (operation.after) text += ",\"after\":\"" + to_text(*operation.after) + "\"";
  if (operation.base_version)
    text += ",\"base_version\":" + std::to_string(*operation.base_version);
  text += ",\"created_at\":\"" + format_rfc3339(operation.created_at) + "\"";
  text += ",\"payload\":" + content.payload;
  if (operation.group_id) text += ",\"group_id\":" + json_text(*operation.group_id);
  if (content.attestation) text += ",\"attestation\":" + *content.attestation;
  return text + "}";
}

std::int64_t wire_bytes_max(const Operation& operation, const store::OperationContent& content) {
  Operation longest = operation;
  longest.after = operation.id;  // an id is longer than any version
  longest.base_version.reset();
  return static_cast<std::int64_t>(wire_operation(longest, longest.id, content).size()) + 1;
}

std::string push_body(std::string_view device_id, const std::vector<std::string>& operations) {
  std::string body = "{\"device_id\":" + json_text(device_id) + ",\"operations\":[";
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (i > 0) body += ',';
    body += operations[i];
  }
  return body + "]}";
}

}  // namespace landfall::sync
