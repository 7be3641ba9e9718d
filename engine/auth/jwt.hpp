#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace landfall::auth {

// When a token says that it was issued and ends, in seconds since 1970. Hints for scheduling and
// nothing else: no signature is checked, so nothing here grants a right or names a user.
struct JwtTimes {
  std::int64_t issued_s = 0;
  std::int64_t expires_s = 0;
};

// The claims object of a signed compact JWT: three parts of strict base64url without padding.
// Errors as below.
[[nodiscard]] Result<Json> read_jwt_claims(std::string_view token);

// Reads `iat` and `exp` of a signed compact JWT: three parts of strict base64url without padding, a
// header and a claims object, both times integers with iat < exp. Errors name the form and never a
// value: jwt.too_large, jwt.form, jwt.encoding, jwt.json, jwt.times. An access token that is no JWT
// is legal and merely gives no hint.
[[nodiscard]] Result<JwtTimes> read_jwt_times(std::string_view token);

// exp - iat, or zero when the token does not tell.
[[nodiscard]] Duration jwt_lifetime(std::string_view token);

}  // namespace landfall::auth
