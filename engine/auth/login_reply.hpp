#pragma once

#include <string>
#include <string_view>

#include "engine/auth/active_user.hpp"
#include "engine/auth/token_lifecycle.hpp"
#include "engine/auth/user_record.hpp"
#include "engine/base/result.hpp"
#include "engine/http/message.hpp"
#include "engine/permissions/permission_update.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// What a good login brings: the pair for auth_token, the user for supervisor to open a partition
// for.
struct LoggedIn {
  ActiveUser user;
  TokenPair tokens;
  permissions::Granted granted = {};
  UserRecord record = {};
};

// What the answer of a login or of its second factor means, by the reply paths of `endpoint`. Who
// belongs to one organisation is in it at once (I-28). `email` is what was typed. Errors are
// those that Session::on_login_answer names, and device.limit; none holds a secret. (C-26, I-8,
// I-10)
[[nodiscard]] Result<LoggedIn> read_login(const Profile& profile, std::string_view endpoint,
                                          const std::string& email, const http::Answer& answer);

}  // namespace landfall::auth
