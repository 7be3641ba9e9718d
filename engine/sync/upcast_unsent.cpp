#include "engine/sync/upcast_unsent.hpp"

#include <optional>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/named_entity_table.hpp"
#include "engine/store/operation_table.hpp"
#include "engine/store/transaction.hpp"
#include "engine/sync/delivery.hpp"
#include "engine/sync/queue_step.hpp"
#include "engine/sync/references.hpp"
#include "schema/limits.hpp"

namespace landfall::sync {
namespace {

using store::OperationTable;

Status upcast_one(QueueStep& step, const profile::Action& action, Operation operation) {
  LANDFALL_TRY_ASSIGN(auto content, OperationTable::content(step.tx, step.key, operation.id));
  // An attestation proves the words that it was made over.
  if (content.attestation) return {};
  LANDFALL_TRY_ASSIGN(Json payload,
                      parse_json(content.payload, {content.payload.size(), limits::kJsonDepthMax}));
  const auto raised = profile::upcast(action, operation.schema, std::move(payload));
  if (!raised) return {};
  const auto entities = named_entities(action, *raised);
  content.payload = dump_json(*raised);
  if (content.payload.size() > step.profile.payload_bytes_max()) return {};
  operation.schema = static_cast<int>(action.schema);
  operation.bytes = wire_bytes_max(operation, content);
  LANDFALL_TRY(store::NamedEntityTable::replace(step.tx, operation.seq, entities));
  return OperationTable::rewrite(step.tx, step.key, operation, content.payload);
}

}  // namespace

Status upcast_unsent(QueueStep& step) {
  for (const auto& [type, entity] : step.profile.entities) {
    for (const auto& [name, action] : entity.actions) {
      if (action.upcasts.empty()) continue;
      LANDFALL_TRY_ASSIGN(auto old,
                          OperationTable::unsent_below_schema(step.tx, type, name, action.schema));
      for (Operation& operation : old) {
        LANDFALL_TRY(upcast_one(step, action, std::move(operation)));
      }
    }
  }
  return {};
}

}  // namespace landfall::sync
