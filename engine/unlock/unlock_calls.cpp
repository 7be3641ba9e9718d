#include "engine/unlock/unlock_calls.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/auth/token_reply.hpp"
#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::unlock {
namespace {

Result<http::ApiCall> call_of(const Profile& profile, const char* name, const Json& values) {
  const profile::Endpoint* endpoint = profile.endpoint(name);
  if (endpoint == nullptr)
    return failure(ErrorClass::invalid, "profile.missing", "the profile names no such endpoint");
  http::ApiCall call{name, {}, {}, {}};
  if (endpoint->body) {
    LANDFALL_TRY_ASSIGN(const Json body, profile::fill_json(*endpoint->body, values));
    call.body = dump_json(body);
  }
  return call;
}

// What an answer was about, as its codes begin.
constexpr const char* kBiometric = "biometric";
constexpr const char* kPin = "pin";

tl::unexpected<Error> undecided(const http::Answer& answer, const std::string& what) {
  const bool was_reached = answer.response.has_value();
  return failure(was_reached ? ErrorClass::transient : ErrorClass::wait_network, what + ".server",
                 "the server could not be asked; try again later");
}

// The answer's body, once it is the server's yes.
Result<std::string_view> accepted(const Profile& profile, const http::Answer& answer,
                                  const std::string& what) {
  if (auth::is_definitive_refusal(profile, answer))
    return failure(ErrorClass::auth, what + ".refused", "the server does not take it");
  if (!answer.response || answer.response->status / 100 != 2) return undecided(answer, what);
  return std::string_view{answer.response->body};
}

// It will be a part of a body, not a header; still it is one line of no great length.
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= limits::kTokenBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Result<http::ApiCall> register_call(const Profile& profile, const std::string& device_id,
                                    const BiometricKey& key) {
  return call_of(profile, kBiometricRegisterEndpoint,
                 {{"device_id", device_id}, {"public_key", key.public_key()}});
}

Result<Secret<std::string>> read_registered(const Profile& profile, const http::Answer& answer) {
  LANDFALL_TRY_ASSIGN(const std::string_view body, accepted(profile, answer, kBiometric));
  const auto reply = parse_json(body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (!reply) return undecided(answer, kBiometric);
  const Json* token = profile::reply_value(*reply, *profile.endpoint(kBiometricRegisterEndpoint),
                                           "biometric_token");
  if (token == nullptr || !token->is_string() || !is_token(token->get_ref<const std::string&>()))
    return undecided(answer, kBiometric);
  return Secret<std::string>{token->get<std::string>()};
}

Result<http::ApiCall> login_call(const Profile& profile, const std::string& device_id,
                                 const BiometricKey& key, const Secret<std::string>& token,
                                 Instant now) {
  return call_of(profile, kBiometricEndpoint,
                 {{"biometric_token", token.reveal()},
                  {"device_id", device_id},
                  {"signed_at", format_rfc3339(now)},
                  {"signature", key.sign(login_statement(device_id, token.reveal(), now))}});
}

Result<auth::TokenPair> read_login(const Profile& profile, const http::Answer& answer) {
  LANDFALL_TRY(accepted(profile, answer, kBiometric));
  auto pair = auth::parse_token_pair(profile, kBiometricEndpoint, *answer.response);
  if (!pair) return undecided(answer, kBiometric);
  return pair;
}

http::ApiCall confirm_call() { return http::ApiCall{kMeEndpoint, {}, {}, {}}; }

Status read_confirmed(const Profile& profile, const http::Answer& answer) {
  LANDFALL_TRY(accepted(profile, answer, kBiometric));
  return {};
}

std::optional<http::ApiCall> pin_register_call(const Profile& profile, const PinOwner& owner,
                                               const Secret<std::string>& pin) {
  auto call = call_of(profile, kPinRegisterEndpoint,
                      {{"device_id", owner.device_id}, {"password", pin.reveal()}});
  if (!call) return std::nullopt;
  return std::move(*call);
}

std::optional<http::ApiCall> pin_login_call(const Profile& profile, const PinOwner& owner,
                                            const Secret<std::string>& pin) {
  auto call = call_of(profile, kPinLoginEndpoint,
                      {{"email", owner.email},
                       {"password", pin.reveal()},
                       {"device_id", owner.device_id},
                       {"platform", owner.platform}});
  if (!call) return std::nullopt;
  return std::move(*call);
}

Result<auth::TokenPair> read_pin_login(const Profile& profile, const http::Answer& answer) {
  LANDFALL_TRY(accepted(profile, answer, kPin));
  auto pair = auth::parse_token_pair(profile, kPinLoginEndpoint, *answer.response);
  if (!pair) return undecided(answer, kPin);
  return pair;
}

}  // namespace landfall::unlock
