#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/sync/operation.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::profile {
struct Action;
}
namespace landfall::store {
class Reader;
}

namespace landfall::sync {

// Operations that name other entities in their payload (profile `refers_to`). One that names what
// is made here and unknown to the server waits until that create is applied, and goes with the id
// that the server gave (wire.md `assigned_id`; P-80). The documents of what an operation names
// stay in the cache until it is settled (P-34).

// The entities that a payload of that action names. Pure.
[[nodiscard]] std::vector<EntityKey> named_entities(const profile::Action& action,
                                                    const Json& payload);

// A payload as the server can read it, as far as that is known now.
struct Referred {
  // With the server's ids in the place of the phone's own; nothing where that changes nothing.
  std::optional<std::string> payload;
  std::vector<EntityKey> entities;  // that it names, by those ids
  std::vector<Operation> creates;   // that must be applied first, of entities that it names
};

// `payload` is a JSON object that fits the action.
[[nodiscard]] Result<Referred> refer(const store::Reader& reader, const Profile& profile,
                                     const profile::Action& action, const std::string& payload);

class QueueStep;

// Once for a file whose operations an older program accepted, or that was salvaged: reads from the
// payloads of all that is not settled which entities they name. For on_open.
[[nodiscard]] Status read_names(QueueStep& step);

}  // namespace landfall::sync
