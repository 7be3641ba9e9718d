#pragma once

#include <optional>
#include <string>

#include "engine/auth/manage_second_factor.hpp"
#include "engine/auth/second_factor.hpp"
#include "engine/base/json.hpp"

namespace landfall::host {

// As schema/api.json has it in session.status. Nothing of it is secret.
[[nodiscard]] Json second_factor_json(const auth::SecondFactorView& view);

// To a reply about the session: `code` is why it is as it is, empty for nothing to say.
void add_second_factor(Json& reply, const std::optional<auth::SecondFactorView>& view,
                       const std::string& code);

// The reply to second_factor.*. It holds secrets: it goes to the host and nowhere else.
[[nodiscard]] Json managed_factor_json(auth::FactorTask task, const auth::FactorSecrets& secrets);

}  // namespace landfall::host
