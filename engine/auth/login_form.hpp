#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/http/message.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// A message key that is also the error's code; the text comes from the profile.
[[nodiscard]] tl::unexpected<Error> login_error(const Profile& profile, ErrorClass kind,
                                                std::string_view key,
                                                std::optional<std::string> field = std::nullopt);

// What a transport failure means for somebody who waits in front of a form (I-9).
[[nodiscard]] tl::unexpected<Error> transport_error(const Profile& profile,
                                                    http::TransportFailure problem);

// What is wrong with what was typed, before anything leaves (I-4, I-5): login.email_missing,
// login.email_invalid (where the profile's `auth.login_name` is email), login.password_missing. The
// field is named.
[[nodiscard]] Status check_login_form(const Profile& profile, std::string_view email,
                                      const Secret<std::string>& password);

// Whether the user reads at the login form what a login came to: what the form said, what the
// server said of it, and that they have too many devices. What concerns the phone (its keys, its
// disk) or an answer that nobody waits for is no word of the form's.
[[nodiscard]] bool is_for_login_form(const Error& error);

}  // namespace landfall::auth
