#include "engine/sync/references.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/assert.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/alias_table.hpp"
#include "engine/store/counter_table.hpp"
#include "engine/store/named_entity_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/queue_step.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using profile::ActionKind;
using store::CounterTable;
using store::NamedEntityTable;
using store::OperationTable;

constexpr std::size_t kNamesPage = 100;

// Calls `f` with the type and the text of each id in the payload; `F` may change the text.
template <class Payload, class F>
Status for_each_id(const profile::Action& action, Payload& payload, F&& f) {
  for (const auto& [name, field] : action.payload) {
    if (field.refers_to.empty()) continue;
    const auto value = payload.find(name);
    if (value == payload.end()) continue;
    if (value->is_string()) LANDFALL_TRY(f(field.refers_to, *value));
    if (!value->is_array()) continue;
    for (auto& item : *value) {
      if (item.is_string()) LANDFALL_TRY(f(field.refers_to, item));
    }
  }
  return {};
}

bool refers(const profile::Action& action) {
  return std::any_of(action.payload.begin(), action.payload.end(),
                     [](const auto& field) { return !field.second.refers_to.empty(); });
}

// The create that the server would have to apply before it knows the entity; nothing when it knows
// it, when nothing here makes it, or when its user took it back.
Result<std::optional<Operation>> unmade_by(const store::Reader& reader, const Profile& profile,
                                           const EntityKey& entity) {
  LANDFALL_TRY_ASSIGN(auto lane, OperationTable::lane(reader, entity));
  for (auto operation = lane.rbegin(); operation != lane.rend(); ++operation) {
    const profile::Action* action = profile.action(entity.type, operation->action);
    if (action == nullptr || action->kind != ActionKind::create) continue;
    if (operation->state >= OperationState::superseded &&
        operation->state <= OperationState::discarded) {
      continue;
    }
    if (operation->state == OperationState::applied) break;
    return std::optional{std::move(*operation)};
  }
  return std::optional<Operation>{};
}

}  // namespace

std::vector<EntityKey> named_entities(const profile::Action& action, const Json& payload) {
  std::vector<EntityKey> entities;
  const auto add = [&](const std::string& type, const Json& id) -> Status {
    EntityKey entity{type, id.get<std::string>()};
    if (std::find(entities.begin(), entities.end(), entity) == entities.end())
      entities.push_back(std::move(entity));
    return {};
  };
  LANDFALL_ASSERT(for_each_id(action, payload, add).has_value());
  return entities;
}

Result<Referred> refer(const store::Reader& reader, const Profile& profile,
                       const profile::Action& action, const std::string& payload) {
  Referred referred;
  if (!refers(action)) return referred;
  auto parsed = parse_json(payload, {payload.size(), limits::kJsonDepthMax});
  // Checked when it was accepted; ids that the server gave since may have made it longer.
  LANDFALL_ASSERT(parsed && parsed->is_object());
  bool changed = false;
  LANDFALL_TRY(for_each_id(action, *parsed, [&](const std::string& type, Json& id) -> Status {
    LANDFALL_TRY_ASSIGN(const EntityKey known,
                        store::AliasTable::resolve(reader, {type, id.get<std::string>()}));
    changed = changed || known.id != id.get_ref<const std::string&>();
    id = known.id;
    return {};
  }));
  if (changed) referred.payload = dump_json(*parsed);
  referred.entities = named_entities(action, *parsed);
  for (const EntityKey& entity : referred.entities) {
    LANDFALL_TRY_ASSIGN(auto create, unmade_by(reader, profile, entity));
    if (create) referred.creates.push_back(std::move(*create));
  }
  return referred;
}

Status read_names(QueueStep& step) {
  LANDFALL_TRY_ASSIGN(const auto unread, CounterTable::get(step.tx, store::kOutboxNamesUnread));
  if (unread == 0) return {};
  std::vector<Operation> page;
  std::int64_t after_seq = 0;
  do {
    LANDFALL_TRY_ASSIGN(page, OperationTable::list(step.tx, false, after_seq, kNamesPage));
    for (const Operation& operation : page) {
      after_seq = operation.seq;
      const profile::Action* action = step.profile.action(operation.entity.type, operation.action);
      if (action == nullptr || !refers(*action)) continue;
      LANDFALL_TRY_ASSIGN(const auto content,
                          OperationTable::content(step.tx, step.key, operation.id));
      LANDFALL_TRY_ASSIGN(const auto referred,
                          refer(step.tx, step.profile, *action, content.payload));
      LANDFALL_TRY(NamedEntityTable::replace(step.tx, operation.seq, referred.entities));
    }
  } while (!page.empty());
  return CounterTable::set(step.tx, store::kOutboxNamesUnread, 0);
}

}  // namespace landfall::sync
