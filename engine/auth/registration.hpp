#pragma once

#include <string>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// Somebody who has no account yet (I-2).
struct NewAccount {
  std::string email;
  SharedSecret<std::string> password;
  std::string name;
};

// Errors before anything leaves: register.unsupported (the profile has no endpoint `register`), and
// login.email_missing, login.email_invalid, login.password_missing (I-4, I-5), which name the
// field.
[[nodiscard]] Result<http::ApiCall> register_call(const Profile& profile, const NewAccount& account,
                                                  const std::string& device_id);

// Nobody is logged in by it: the user logs in with what they have just chosen. Errors are message
// keys: register.email_taken, register.refused, and those of a login for what stands in the way
// (login.no_connection, login.server_error, login.answer_invalid).
[[nodiscard]] Status read_registered(const Profile& profile, const http::Answer& answer);

}  // namespace landfall::auth
