#include "engine/auth/login_reply.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/auth/device_limit.hpp"
#include "engine/auth/login_form.hpp"
#include "engine/auth/token_reply.hpp"
#include "engine/base/json.hpp"
#include "engine/http/server_message.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

namespace landfall::auth {
namespace {

// Servers name the lock differently (A-8, P-24); what they agree on is the word.
bool says_locked(std::string_view code) {
  std::string upper{code};
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return upper.find("LOCKED") != std::string::npos;
}

// One 401 means a bad password, a locked account or somebody else's page (C-26, I-8, I-10).
tl::unexpected<Error> refusal_error(const Profile& profile, const http::Response& response) {
  if (response.status >= 500 || response.status == 429 || response.status == 408) {
    return login_error(profile, ErrorClass::transient, "login.server_error");
  }
  if (response.status == 426) {
    std::string said = http::server_message(profile, response.body);
    if (said.empty()) said = profile.message("update.required");
    return failure(ErrorClass::refused, "login.update_required", std::move(said));
  }
  if (auto limit = device_limit_of(profile, response)) return failure(std::move(*limit));
  const auto code = error_code_of(profile, response);
  if (!code) return login_error(profile, ErrorClass::transient, "login.answer_invalid");
  const auto mapped = profile.errors.mapped(kLoginEndpoint, response.status, *code);
  if (!mapped.empty()) {
    const bool is_wrong = mapped == "login.invalid_credentials";
    return login_error(profile, is_wrong ? ErrorClass::auth : ErrorClass::refused, mapped);
  }
  if (response.status == 423 || says_locked(*code)) {
    return login_error(profile, ErrorClass::refused, "login.account_locked");
  }
  if (response.status == 400 || response.status == 401 || response.status == 422) {
    return login_error(profile, ErrorClass::auth, "login.invalid_credentials");
  }
  return login_error(profile, ErrorClass::refused, "login.server_error");
}

std::optional<std::string> reply_text(const Json& reply, const profile::Endpoint& endpoint,
                                      std::string_view what) {
  const Json* value = profile::reply_value(reply, endpoint, what);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

// Who the reply says has logged in; nothing when it does not say so properly.
std::optional<ActiveUser> user_of(const Profile& profile, std::string_view body,
                                  const std::string& email, std::string_view endpoint_name) {
  const profile::Endpoint* endpoint = profile.endpoint(endpoint_name);
  const auto reply = parse_json(body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (endpoint == nullptr || !reply) return std::nullopt;
  const auto user_id = reply_text(*reply, *endpoint, "user_id");
  const std::string organisation = reply_text(*reply, *endpoint, "organisation").value_or("");
  if (!user_id || !is_id_text(*user_id)) return std::nullopt;
  if (!organisation.empty() && !is_id_text(organisation)) return std::nullopt;
  return ActiveUser{*user_id, organisation, email, partition_id_for(*user_id, organisation)};
}

}  // namespace

Result<LoggedIn> read_login(const Profile& profile, std::string_view endpoint,
                            const std::string& email, const http::Answer& answer) {
  if (!answer.response) {
    return transport_error(profile, answer.failure.value_or(http::TransportFailure::silent));
  }
  const http::Response& response = *answer.response;
  if (response.status / 100 != 2) return refusal_error(profile, response);
  auto tokens = parse_token_pair(profile, endpoint, response);
  if (!tokens) {
    return login_error(profile, ErrorClass::transient, "login.answer_invalid",
                       tokens.error().field);
  }
  auto user = user_of(profile, response.body, email, endpoint);
  if (!user)
    return login_error(profile, ErrorClass::transient, "login.answer_invalid", "login.user_id");
  auto granted = permissions::granted_in(profile, endpoint, response.body);
  auto record = read_user(profile, endpoint, response.body, tokens->access.reveal());
  if (profile.permissions && !granted.roles && !record.roles.empty()) granted.roles = record.roles;
  if (record.organisations.size() == 1)
    *user = in_organisation(*user, record.organisations.front().id);
  return LoggedIn{std::move(*user), std::move(*tokens), std::move(granted), std::move(record)};
}

}  // namespace landfall::auth
