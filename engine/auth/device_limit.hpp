#pragma once

#include <optional>
#include <string_view>

#include "engine/base/error.hpp"
#include "engine/http/message.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// The code of the error.
inline constexpr std::string_view kDeviceLimitCode = "device.limit";

// What a refusal says when its code is one that the profile names for "too many devices" (P-19,
// C-17): `device.limit`, with the server's own words where it has some and the profile's otherwise.
// Nothing for every other answer.
[[nodiscard]] std::optional<Error> device_limit_of(const Profile& profile,
                                                   const http::Response& response);

}  // namespace landfall::auth
