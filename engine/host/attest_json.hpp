#pragma once

#include <vector>

#include "engine/attest/statement.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::host {

// What operations.attest asks to have proven (C-25).
struct AttestRequest {
  std::vector<attest::Attested> operations;
  bool is_signed = false;  // one of the actions wants a signature
};

// The params of operations.attest: {operations: [{id, entity_type, entity_id, action, payload}],
// pin?}. Pure. Errors: those of parse_enqueue and of an enqueue's own check (`field` begins with
// params.operations[i]), and attestation.not_wanted for an action that carries none.
[[nodiscard]] Result<AttestRequest> parse_attest(const Profile& profile, const Json& params);

}  // namespace landfall::host
