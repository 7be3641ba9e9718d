#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/document.hpp"
#include "simulator/backend/parts.hpp"
#include "simulator/backend/reply.hpp"

// Logins as Almafrica's server has them.
namespace landfall::backend {
namespace {

constexpr std::size_t kBodyBytesMax = 64U * 1024U;

http::Response invalid_credentials() {
  return error_reply(401, "INVALID_CREDENTIALS", "Invalid credentials");
}

http::Response account_locked() { return error_reply(401, "ACCOUNT_LOCKED", "Account locked"); }

}  // namespace

// What stands beside the tokens in both answers.
std::string Backend::Parts::account_members(const User& user) {
  return ",\"authUserId\":" + json_string(user.id) + ",\"userId\":" + json_string(user.account_id) +
         ",\"username\":" + json_string(user.username) + ",\"email\":" + json_string(user.email) +
         ",\"fullName\":" + json_string(user.name) + ",\"roles\":" + dump_json(Json(user.roles)) +
         ",\"permissions\":" + dump_json(Json(roles.rights_of(user.roles)));
}

http::Response Backend::Parts::login_by_account(const Call& call) {
  const auto body = parse_json(call.request.body, {kBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto named = string_at(*body, "emailOrUsername");
  if (!named) return bad_request(named.error());
  const auto password = string_at(*body, "password");
  if (!password) return bad_request(password.error());
  const auto remember = bool_at(*body, "rememberMe");
  if (!remember) return bad_request(remember.error());
  const std::string device_id = http::header_text(call.request.headers, "X-Device-Id");
  if (device_id.empty()) return error_reply(400, "DEVICE_MISSING", "X-Device-Id is missing.");
  const auto known = accounts.find_by_email(*named);
  if (!known) return invalid_credentials();
  if (login_failures.is_locked(known->id, call.now)) return account_locked();
  const auto user = accounts.check_password(*named, *password);
  if (!user) {
    const bool is_locked = login_failures.count(known->id, call.now);
    return is_locked ? account_locked() : invalid_credentials();
  }
  login_failures.reset(user->id);
  if (auto gate = challenge(*user, device_id, call.now)) return std::move(*gate);
  return welcome(*user, device_id, call.now);
}

// A refresh says again who its user is and what they may do.
http::Response Backend::Parts::with_account(http::Response pair) {
  if (pair.status != 200) return pair;
  const Json reply = Json::parse(pair.body, nullptr, false);
  const auto claims = verify_jwt(reply.value("accessToken", ""), jwt_key);
  const auto user = claims ? accounts.find(claims->user_id) : std::nullopt;
  if (!user) return pair;
  pair.body.pop_back();
  pair.body += account_members(*user) + "}";
  return pair;
}

}  // namespace landfall::backend
