#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"

namespace landfall::backend {

using JwtKey = std::array<unsigned char, 32>;

// What an access token says. The family and generation name the pair it belongs to; the epoch lets
// an administrator take back all tokens of a user at once.
struct AccessClaims {
  std::string user_id;
  std::string device_id;
  std::string family_id;
  std::int64_t generation = 0;
  std::int64_t epoch = 0;
  std::string token_id;
  std::vector<std::string> roles;
  std::map<std::string, std::string> more;  // of the user, for their app
  Instant issued_at;                        // whole seconds, as JWT's numeric dates
  Instant expires_at;
};

// Compact HS256 (RFC 7515, RFC 7519).
[[nodiscard]] std::string sign_jwt(const AccessClaims& claims, const JwtKey& key);

// The claims when the signature is right and the header is exactly ours; expiry is the caller's to
// judge. Any other algorithm, "none" included, is nothing.
[[nodiscard]] std::optional<AccessClaims> verify_jwt(std::string_view token, const JwtKey& key);

// HMAC-SHA256 over `text` in base64url without padding, with a key of any length.
[[nodiscard]] std::string hs256(std::string_view text, std::string_view key);

}  // namespace landfall::backend
