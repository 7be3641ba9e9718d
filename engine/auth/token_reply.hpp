#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/http/message.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// Names of endpoints in a profile.
inline constexpr std::string_view kLoginEndpoint = "login";
inline constexpr std::string_view kRefreshEndpoint = "refresh";
inline constexpr std::string_view kLogoutEndpoint = "logout";
inline constexpr std::string_view kMeEndpoint = "me";
inline constexpr std::string_view kRegisterEndpoint = "register";

// The error code of an answer that has the profile's error shape; nothing for a portal's page, an
// empty body or anybody else's JSON.
[[nodiscard]] std::optional<std::string> error_code_of(const Profile& profile,
                                                       const http::Response& response);

// 400 or 401 in the profile's error shape: the only answer that may end a session (C-4, INV-A6).
[[nodiscard]] bool is_definitive_refusal(const Profile& profile, const http::Answer& answer);

// How long the server asks us to stay away: 429 always, 503 with a Retry-After. Nothing: no such
// wish.
[[nodiscard]] std::optional<Duration> server_hold(const Profile& profile,
                                                  const http::Answer& answer, Instant now);

}  // namespace landfall::auth
