#include "engine/auth/jwt.hpp"

#include "engine/base/json.hpp"
#include "schema/limits.hpp"

#include <sodium.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <string>

namespace landfall::auth {
namespace {

// The end of year 9999: later than any honest expiry, early enough that milliseconds never
// overflow.
constexpr std::int64_t kUnixSecondsMax = 253'402'300'799;

tl::unexpected<Error> bad_token(std::string_view problem, std::string message) {
  return failure(ErrorClass::invalid, "jwt." + std::string{problem}, std::move(message));
}

// libsodium's decoder refuses padding, foreign characters and stray bits at the end.
Result<std::string> decode_part(std::string_view part) {
  std::string decoded(part.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  const int code = sodium_base642bin(reinterpret_cast<unsigned char*>(decoded.data()),
                                     decoded.size(), part.data(), part.size(), nullptr, &length,
                                     &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (code != 0 || end != part.data() + part.size())
    return bad_token("encoding", "a part is no base64url");
  decoded.resize(length);
  return decoded;
}

Result<Json> decode_object(std::string_view part) {
  LANDFALL_TRY_ASSIGN(const std::string text, decode_part(part));
  const auto parsed = parse_json(text, {limits::kTokenBytesMax, limits::kJwtDepthMax});
  if (!parsed || !parsed->is_object()) return bad_token("json", "a part is no JSON object");
  return *parsed;
}

Result<std::array<std::string_view, 3>> split(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || token.find('.', first + 1) != last || first == last) {
    return bad_token("form", "expected three parts");
  }
  const std::array parts = {token.substr(0, first), token.substr(first + 1, last - first - 1),
                            token.substr(last + 1)};
  for (const std::string_view part : parts) {
    if (part.empty()) return bad_token("form", "a part is empty");
  }
  return parts;
}

}  // namespace

Result<Json> read_jwt_claims(std::string_view token) {
  if (token.size() > limits::kTokenBytesMax)
    return bad_token("too_large", "longer than any token may be");
  LANDFALL_TRY_ASSIGN(const auto parts, split(token));
  LANDFALL_TRY(decode_object(parts[0]));
  LANDFALL_TRY_ASSIGN(Json claims, decode_object(parts[1]));
  LANDFALL_TRY(decode_part(parts[2]));
  return claims;
}

Result<JwtTimes> read_jwt_times(std::string_view token) {
  LANDFALL_TRY_ASSIGN(const Json claims, read_jwt_claims(token));
  const auto issued = integer_at(claims, "iat");
  const auto expires = integer_at(claims, "exp");
  if (!issued || !expires || *issued < 0 || *expires > kUnixSecondsMax || *issued >= *expires) {
    return bad_token("times", "iat and exp are no plausible times");
  }
  return JwtTimes{*issued, *expires};
}

Duration jwt_lifetime(std::string_view token) {
  const auto times = read_jwt_times(token);
  return times ? Duration{(times->expires_s - times->issued_s) * 1000} : Duration{0};
}

}  // namespace landfall::auth
