#include "engine/auth/device_limit.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/auth/token_reply.hpp"
#include "engine/http/server_message.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::auth {

std::optional<Error> device_limit_of(const Profile& profile, const http::Response& response) {
  if (!profile.devices || response.status / 100 != 4) return std::nullopt;
  const auto code = error_code_of(profile, response);
  const auto& codes = profile.devices->limit_codes;
  if (!code || std::find(codes.begin(), codes.end(), *code) == codes.end()) return std::nullopt;
  std::string message = http::server_message(profile, response.body);
  if (message.empty()) message = profile.message(kDeviceLimitCode);
  return Error{ErrorClass::refused, std::string{kDeviceLimitCode}, std::move(message)};
}

}  // namespace landfall::auth
