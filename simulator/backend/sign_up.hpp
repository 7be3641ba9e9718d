#pragma once

#include "engine/http/message.hpp"
#include "simulator/backend/accounts.hpp"

namespace landfall::backend {

// POST /auth/register {email, password, name} (I-2): an account without an organisation, 201 with
// its user; 409 EMAIL_TAKEN, 422 PASSWORD_TOO_SHORT.
[[nodiscard]] http::Response sign_up(Accounts& accounts, SecureRandom& random,
                                     const http::Request& request);

}  // namespace landfall::backend
