#include "engine/auth/registration.hpp"

#include "engine/auth/login_form.hpp"
#include "engine/auth/token_reply.hpp"
#include "engine/base/json.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/session_body.hpp"
#include "schema/limits.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace landfall::auth {

Result<http::ApiCall> register_call(const Profile& profile, const NewAccount& account,
                                    const std::string& device_id) {
  const profile::Endpoint* endpoint = profile.endpoint(kRegisterEndpoint);
  if (endpoint == nullptr) {
    return failure(ErrorClass::refused, "register.unsupported",
                   "accounts of this app are not made on the phone");
  }
  LANDFALL_TRY(check_login_form(profile, account.email, *account.password));
  const Json values = {{"email", account.email},
                       {"password", account.password->reveal()},
                       {"name", account.name},
                       {"device_id", device_id}};
  LANDFALL_TRY_ASSIGN(std::string body, profile::fill_body(profile::SessionBody::registration,
                                                           *endpoint->body, values));
  return http::ApiCall{std::string{kRegisterEndpoint}, {}, {}, std::move(body)};
}

Status read_registered(const Profile& profile, const http::Answer& answer) {
  if (!answer.response)
    return transport_error(profile, answer.failure.value_or(http::TransportFailure::silent));
  const http::Response& response = *answer.response;
  if (response.status / 100 == 2) {
    // A portal's page answers 200 too.
    const auto body =
        parse_json(response.body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
    if (body && body->is_object()) return {};
    return login_error(profile, ErrorClass::transient, "login.answer_invalid");
  }
  if (response.status >= 500 || response.status == 429 || response.status == 408)
    return login_error(profile, ErrorClass::transient, "login.server_error");
  if (!error_code_of(profile, response))
    return login_error(profile, ErrorClass::transient, "login.answer_invalid");
  if (response.status == 409)
    return login_error(profile, ErrorClass::refused, "register.email_taken", "params.email");
  return login_error(profile, ErrorClass::refused, "register.refused");
}

}  // namespace landfall::auth
