#pragma once

#include <string>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/sync/operation_page.hpp"
#include "engine/sync/outbox_room.hpp"
#include "engine/sync/sync_queue.hpp"

namespace landfall::host {

// Operations in the host's words and back. Pure.

// The params of operations.enqueue: {id, entity_type, entity_id, action, payload, base_version?,
// supersedes?, group_id?, attestation?}. Errors name the field: field.missing, field.type,
// field.value.
[[nodiscard]] Result<sync::EnqueueRequest> parse_enqueue(const Json& params);

// params.id as an operation id.
[[nodiscard]] Result<OperationId> parse_operation_id(const Json& params);

[[nodiscard]] Json operation_json(const sync::Operation& operation);
// The same with a member `payload`: the object that was handed in, of which `payload` is the stored
// text. It may be what the user wrote: for a reply, and for nothing that is logged or told.
[[nodiscard]] Json operation_json(const sync::Operation& operation, const std::string& payload);
// The reply to operations.list.
[[nodiscard]] Json operation_list_json(const sync::OperationPage& page);
// The reply to operations.explain, its operation with the payload.
[[nodiscard]] Json explanation_json(const sync::Explanation& explanation);
[[nodiscard]] Json notice_json(const sync::Notice& notice);
[[nodiscard]] Json counts_json(const sync::OutboxCounts& counts);
[[nodiscard]] Json accepted_json(const sync::Accepted& accepted, std::uint64_t commit_seq);
// dump_json of it.
[[nodiscard]] std::string accepted_text(const sync::Accepted& accepted, std::uint64_t commit_seq);
// The event operation.changed, whole.
[[nodiscard]] std::string operation_changed_text(const sync::OperationChange& change);

}  // namespace landfall::host
