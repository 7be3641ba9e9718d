#pragma once

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/conflict/conflict.hpp"
#include "engine/store/conflict_table.hpp"

namespace landfall::host {

// The conflict inbox in the host's words and back. Pure.

// The params of conflicts.resolve: {id, choice: "mine" | "theirs"} or {id, choices: {field: "mine"
// | "theirs"}}. Errors name the field: field.missing, field.type, field.value.
[[nodiscard]] Result<conflict::ConflictChoice> parse_conflict_choice(const Json& params);

[[nodiscard]] Json conflict_json(const conflict::Conflict& conflict);
// The data of conflict.changed.
[[nodiscard]] Json conflict_change_json(const conflict::ConflictChange& change);
// The reply to conflicts.list; `next` when there is more behind it.
[[nodiscard]] Json conflict_list_json(const store::ConflictPage& page);

}  // namespace landfall::host
