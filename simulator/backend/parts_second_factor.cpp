#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"
#include "simulator/backend/parts.hpp"
#include "simulator/backend/reply.hpp"

// The second factor: the gate behind a login's password (A-32), and what a user who is logged in
// does about it (A-26, A-27).
namespace landfall::backend {
namespace {

using Judged = SecondFactors::Verdict;

constexpr std::size_t kBodyBytesMax = 64U * 1024U;
constexpr std::size_t kCodeBytesMax = 64;
constexpr std::size_t kPhoneEnd = 2;  // digits that a masked number shows
constexpr const char* kPurpose = "login";

// Enough for its owner to know which phone to look at.
std::string masked(const std::string& phone_number) {
  if (phone_number.size() <= kPhoneEnd) return {};
  return "+*** " + phone_number.substr(phone_number.size() - kPhoneEnd);
}

http::Response challenge_over() {
  return error_reply(401, "CHALLENGE_EXPIRED", "This login is over. Log in again.");
}

// At the gate this refuses a credential; a user who is logged in stays so.
http::Response factor_locked(int status) {
  return error_reply(status, "ACCOUNT_LOCKED", "Too many wrong codes. Locked for fifteen minutes.");
}

http::Response phone_refused() {
  return error_reply(400, "PHONE_INVALID", "A phone number begins with + and its country's code.",
                     R"({"field":"phoneNumber"})");
}

Result<std::string> code_in(const Json& body) {
  LANDFALL_TRY_ASSIGN(std::string code, string_at(body, "code"));
  if (code.empty() || code.size() > kCodeBytesMax)
    return failure(field_error("field.range", "", "code", "is no code"));
  return code;
}

// What an authenticator shows is digits; a backup code is longer and has letters.
bool looks_like_totp(const std::string& code) {
  return code.size() == static_cast<std::size_t>(TotpShape{}.digits) &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<http::Response> Backend::Parts::challenge(const User& user,
                                                        const std::string& device_id, Instant now) {
  if (!second_factors.is_enabled(user.id)) return std::nullopt;
  if (second_factors.is_locked(user.id, now)) return factor_locked(401);
  Json methods = Json::array({"totp", "backup_code"});
  const std::string phone_number = second_factors.phone_number(user.id);
  if (!phone_number.empty()) methods.push_back("sms");
  Json shown{{"token", challenges.open(user.id, device_id, now)},
             {"methods", std::move(methods)},
             {"expiresIn", options.challenge_lifetime.count() / 1000}};
  if (!phone_number.empty()) shown["phone"] = masked(phone_number);
  const Json body{{"challenge", std::move(shown)}};
  if (options.challenge_status / 100 != 2) {
    return error_reply(options.challenge_status, "TWO_FACTOR_REQUIRED",
                       "A second factor is needed.", dump_json(body));
  }
  auto reply = ok_reply(dump_json(body));
  reply.status = options.challenge_status;
  return reply;
}

std::optional<http::Response> Backend::Parts::answer_factor(const Call& call) {
  if (call.match.route->id == RouteId::second_factor_login) return login_by_factor(call);
  if (call.match.route->id == RouteId::second_factor_send) return send_factor_code(call);
  return std::nullopt;
}

// Nothing: the user has no such method.
std::optional<Judged> Backend::Parts::judge_factor(const std::string& user_id,
                                                   const std::string& method,
                                                   const std::string& code, Instant now) {
  if (method == "totp") return second_factors.judge_totp(user_id, code, now);
  if (method == "backup_code") return second_factors.judge_backup_code(user_id, code, now);
  const std::string phone_number = second_factors.phone_number(user_id);
  if (method != "sms" || phone_number.empty()) return std::nullopt;
  const auto verdict = sms_codes.verify(phone_number, kPurpose, code, now);
  return verdict == SmsCodes::Verdict::right ? Judged::right : Judged::wrong;
}

http::Response Backend::Parts::login_by_factor(const Call& call) {
  const auto body = parse_json(call.request.body, {kBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto token = string_at(*body, "challengeToken");
  if (!token) return bad_request(token.error());
  const auto code = code_in(*body);
  if (!code) return bad_request(code.error());
  const auto method = string_at(*body, "method");
  if (!method) return bad_request(method.error());
  const std::string device_id = http::header_text(call.request.headers, "X-Device-Id");
  const auto user_id = challenges.find(*token, device_id, call.now);
  const auto user = user_id ? accounts.find(*user_id) : std::nullopt;
  if (!user || !second_factors.is_enabled(user->id)) return challenge_over();
  if (second_factors.is_locked(user->id, call.now)) {
    challenges.close(*token);
    return factor_locked(401);
  }
  const auto verdict = judge_factor(user->id, *method, *code, call.now);
  if (!verdict)
    return error_reply(400, "METHOD_UNAVAILABLE", "There is no such way to prove it here.");
  second_factors.note(user->id, *verdict == Judged::right, call.now);
  if (*verdict != Judged::right) return wrong_factor(*token, *verdict);
  challenges.close(*token);
  return welcome(*user, device_id, call.now);
}

http::Response Backend::Parts::wrong_factor(const std::string& token, Judged verdict) {
  const auto left = challenges.note_wrong(token);
  if (left <= 0)
    return error_reply(401, "TOO_MANY_ATTEMPTS", "Too many wrong codes. Log in again.");
  const std::string details = "{\"attemptsLeft\":" + std::to_string(left) + "}";
  if (verdict == Judged::used)
    return error_reply(401, "CODE_USED", "This code was used. Wait for the next one.", details);
  return error_reply(401, "CODE_INVALID", "This code is not right.", details);
}

http::Response Backend::Parts::send_factor_code(const Call& call) {
  const auto body = parse_json(call.request.body, {kBodyBytesMax});
  if (!body) return bad_request(body.error());
  const auto token = string_at(*body, "challengeToken");
  if (!token) return bad_request(token.error());
  const auto user_id =
      challenges.find(*token, http::header_text(call.request.headers, "X-Device-Id"), call.now);
  if (!user_id) return challenge_over();
  const std::string phone_number = second_factors.phone_number(*user_id);
  if (phone_number.empty())
    return error_reply(400, "METHOD_UNAVAILABLE", "No phone number is known.");
  switch (sms_codes.send(phone_number, kPurpose, call.now)) {
    case SmsCodes::Sent::sent:
      return ok_reply(dump_json(Json{{"sent", true}, {"phone", masked(phone_number)}}));
    case SmsCodes::Sent::too_many:
      return error_reply(429, "TOO_MANY_MESSAGES", "Too many messages in an hour.");
    case SmsCodes::Sent::bad_number:
      return phone_refused();
    case SmsCodes::Sent::failed:
      break;
  }
  return error_reply(422, "SMS_NOT_SENT", "The message could not be sent.", R"({"sent":false})");
}

http::Response Backend::Parts::set_up_factor(const Caller& caller, const Json& body) {
  const auto phone_number = optional_string_at(body, "phoneNumber");
  if (!phone_number) return bad_request(phone_number.error());
  const std::string number = phone_number->value_or("");
  if (!number.empty() && !is_phone_number(number)) return phone_refused();
  const auto user = accounts.find(caller.user_id);
  const auto made = user ? second_factors.set_up(*user, number) : std::nullopt;
  if (!made)
    return error_reply(400, "ALREADY_ENABLED", "The second factor is on. Disable it first.");
  return ok_reply(dump_json(Json{{"qrCodeUrl", made->url}, {"manualEntryKey", made->manual_key}}));
}

http::Response Backend::Parts::enable_factor(const Caller& caller, const std::string& code,
                                             Instant now) {
  const bool is_right = second_factors.enable(caller.user_id, code, now) == Judged::right;
  second_factors.note(caller.user_id, is_right, now);
  if (!is_right) return error_reply(400, "CODE_INVALID", "This code is not right.");
  return ok_reply(dump_json(
      Json{{"enabled", true}, {"backupCodes", second_factors.renew_backup_codes(caller.user_id)}}));
}

// An access token alone neither takes the factor away nor reads new backup codes: it takes a code
// again.
http::Response Backend::Parts::manage_factor(const Call& call, const Caller& caller) {
  const auto body =
      parse_json(call.request.body.empty() ? "{}" : call.request.body, {kBodyBytesMax});
  if (!body) return bad_request(body.error());
  const RouteId route = call.match.route->id;
  if (route == RouteId::second_factor_setup) return set_up_factor(caller, *body);
  const auto code = code_in(*body);
  if (!code) return bad_request(code.error());
  if (second_factors.is_locked(caller.user_id, call.now)) return factor_locked(423);
  if (route == RouteId::second_factor_verify) return enable_factor(caller, *code, call.now);
  if (!second_factors.is_enabled(caller.user_id))
    return error_reply(400, "NOT_ENABLED", "There is no second factor.");
  const auto verdict = judge_factor(caller.user_id, looks_like_totp(*code) ? "totp" : "backup_code",
                                    *code, call.now);
  second_factors.note(caller.user_id, verdict == Judged::right, call.now);
  if (verdict == Judged::used)
    return error_reply(400, "CODE_USED", "This code was used. Wait for the next one.");
  if (verdict != Judged::right) return error_reply(400, "CODE_INVALID", "This code is not right.");
  if (route == RouteId::second_factor_disable) {
    second_factors.disable(caller.user_id);
    return ok_reply(R"({"enabled":false})");
  }
  return ok_reply(
      dump_json(Json{{"backupCodes", second_factors.renew_backup_codes(caller.user_id)}}));
}

}  // namespace landfall::backend
