#include "engine/auth/token_reply.hpp"

#include "engine/auth/jwt.hpp"
#include "engine/auth/token_lifecycle.hpp"
#include "engine/base/json.hpp"
#include "engine/http/outcome.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace landfall::auth {
namespace {

// Visible ASCII without blanks: a token becomes a header, where a line break would begin another
// one.
bool is_token_text(std::string_view text) {
  return !text.empty() && text.size() <= limits::kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<Secret<std::string>> token_at(const Json& reply, const profile::Endpoint& endpoint,
                                     std::string_view what) {
  const Json* value = profile::reply_value(reply, endpoint, what);
  if (value == nullptr)
    return failure(field_error("field.missing", endpoint.name, what, "is missing"));
  if (!value->is_string())
    return failure(field_error("field.type", endpoint.name, what, "is no string"));
  const auto& text = value->get_ref<const std::string&>();
  if (!is_token_text(text))
    return failure(field_error("field.range", endpoint.name, what, "is no token"));
  return Secret<std::string>{text};
}

// A lifetime that cannot be is unknown; one that is merely too long is cut.
Duration plausible(Duration lifetime) {
  if (lifetime < Duration{limits::kAccessLifetimeMsMin}) return Duration{0};
  return std::min(lifetime, Duration{limits::kAccessLifetimeMsMax});
}

// What the server's clock said when it answered.
std::optional<Instant> server_time(const http::Headers& headers,
                                   const Secret<std::string>& access) {
  const auto date = http::find_header(headers, "Date");
  if (const auto at = date ? http::parse_http_date(*date) : std::nullopt) return *at;
  const auto times = read_jwt_times(access.reveal());
  if (!times) return std::nullopt;
  return Instant{times->issued_s * 1000};
}

// From an instant that the server names; nothing when it names none, or does not say what time it
// is.
std::optional<Duration> until_expiry(const Json& reply, const profile::Endpoint& endpoint,
                                     const http::Headers& headers,
                                     const Secret<std::string>& access) {
  const Json* at = profile::reply_value(reply, endpoint, "expires_at");
  if (at == nullptr || !at->is_string()) return std::nullopt;
  const auto expiry = parse_rfc3339(at->get_ref<const std::string&>());
  const auto now = server_time(headers, access);
  if (!expiry || !now) return std::nullopt;
  return *expiry - *now;
}

Duration lifetime_of(const Json& reply, const profile::Endpoint& endpoint,
                     const http::Headers& headers, const Secret<std::string>& access) {
  const Json* seconds = profile::reply_value(reply, endpoint, "expires_in_s");
  if (seconds == nullptr || !seconds->is_number_integer()) {
    const auto left = until_expiry(reply, endpoint, headers, access);
    return plausible(left ? *left : jwt_lifetime(access.reveal()));
  }
  const bool huge = seconds->is_number_unsigned() && seconds->get<std::uint64_t>() > UINT32_MAX;
  if (huge) return Duration{limits::kAccessLifetimeMsMax};
  return plausible(Duration{std::max<std::int64_t>(seconds->get<std::int64_t>(), 0) * 1000});
}

}  // namespace

Result<TokenPair> parse_token_pair(const Profile& profile, std::string_view endpoint_name,
                                   const http::Response& response) {
  const profile::Endpoint* endpoint = profile.endpoint(endpoint_name);
  if (endpoint == nullptr) {
    return failure(ErrorClass::invalid, "profile.missing", "the profile names no such endpoint");
  }
  LANDFALL_TRY_ASSIGN(const Json reply, parse_json(response.body, {limits::kAuthResponseBytesMax,
                                                                   limits::kJsonDepthMax}));
  TokenPair pair;
  LANDFALL_TRY_ASSIGN(pair.access, token_at(reply, *endpoint, "access_token"));
  LANDFALL_TRY_ASSIGN(pair.refresh, token_at(reply, *endpoint, "refresh_token"));
  pair.access_lifetime = lifetime_of(reply, *endpoint, response.headers, pair.access);
  return pair;
}

std::optional<std::string> error_code_of(const Profile& profile, const http::Response& response) {
  const auto body =
      parse_json(response.body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (!body || !body->is_object()) return std::nullopt;
  const Json* code = profile::reply_value(*body, profile.errors.code);
  if (code == nullptr || !code->is_string() || code->get_ref<const std::string&>().empty())
    return std::nullopt;
  return code->get<std::string>();
}

bool is_definitive_refusal(const Profile& profile, const http::Answer& answer) {
  if (!answer.response || answer.failure) return false;
  const int status = answer.response->status;
  return (status == 400 || status == 401) && error_code_of(profile, *answer.response).has_value();
}

std::optional<Duration> server_hold(const Profile& profile, const http::Answer& answer,
                                    Instant now) {
  if (!answer.response) return std::nullopt;
  const http::Response& response = *answer.response;
  if (response.status != 429 && response.status != 503) return std::nullopt;
  if (auto wait = http::retry_after_of(response.headers, now, profile.sync.retry_after_max))
    return wait;
  if (response.status == 429) return Duration{limits::kRetryAfterDefaultMs};
  return std::nullopt;
}

}  // namespace landfall::auth
