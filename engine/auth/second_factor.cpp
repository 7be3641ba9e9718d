#include "engine/auth/second_factor.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/auth/token_reply.hpp"
#include "engine/base/json.hpp"
#include "engine/http/server_message.hpp"
#include "engine/profile/profile.hpp"
#include "engine/profile/session_body.hpp"
#include "schema/limits.hpp"

namespace landfall::auth {
namespace {

using profile::FactorRefusal;

constexpr std::array<std::pair<FactorMethod, std::string_view>, 3> kMethodNames{
    {{FactorMethod::totp, "totp"},
     {FactorMethod::backup_code, "backup_code"},
     {FactorMethod::sms, "sms"}}};

Error factor_error(const Profile& profile, ErrorClass kind, std::string_view key,
                   std::optional<std::string> field = std::nullopt) {
  return Error{kind, std::string{key}, std::string{profile.message(key)}, std::move(field)};
}

Error refusal_error(const Profile& profile, FactorRefusal refusal) {
  switch (refusal) {
    case FactorRefusal::wrong_code:
      return factor_error(profile, ErrorClass::auth, "second_factor.wrong_code");
    case FactorRefusal::code_used:
      return factor_error(profile, ErrorClass::auth, "second_factor.code_used");
    case FactorRefusal::expired:
      return factor_error(profile, ErrorClass::auth, "second_factor.expired");
    case FactorRefusal::exhausted:
      return factor_error(profile, ErrorClass::refused, "second_factor.exhausted");
    case FactorRefusal::unavailable:
      return factor_error(profile, ErrorClass::invalid, "second_factor.method_unavailable");
    case FactorRefusal::not_sent:
      return factor_error(profile, ErrorClass::transient, "second_factor.not_sent");
    case FactorRefusal::send_wait:
      return factor_error(profile, ErrorClass::busy, "second_factor.send_wait");
  }
  return factor_error(profile, ErrorClass::auth, "second_factor.wrong_code");
}

// What the profile says of the server's code; nothing where it says nothing.
std::optional<FactorRefusal> mapped_refusal(const Profile& profile,
                                            const http::Response& response) {
  const auto& errors = profile.second_factor->errors;
  const auto named = error_code_of(profile, response);
  const auto known = named ? errors.find(*named) : errors.end();
  return known == errors.end() ? std::nullopt : std::optional{known->second};
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// Authenticators and messages show digits in groups, which people type as they read them.
std::string without_blanks(const std::string& code) {
  std::string plain;
  for (const char c : code) {
    if (c != ' ' && c != '\t') plain += c;
  }
  return plain;
}

bool is_digits(std::string_view text, std::size_t count) {
  return text.size() == count &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Methods that this engine knows, in the server's order; what it does not know is left out.
std::vector<FactorMethod> methods_in(const profile::SecondFactorRules& rules, const Json* list) {
  std::vector<FactorMethod> methods;
  if (list == nullptr || !list->is_array()) {
    for (const auto& [method, word] : rules.methods) methods.push_back(method);
    return methods;
  }
  for (const auto& named : *list) {
    for (const auto& [method, word] : rules.methods) {
      const bool is_new = std::find(methods.begin(), methods.end(), method) == methods.end();
      if (named == word && is_new) methods.push_back(method);
    }
  }
  return methods;
}

std::optional<Instant> expiry_in(const Json* seconds, Instant now) {
  if (seconds == nullptr || !seconds->is_number_integer()) return std::nullopt;
  const auto lifetime = std::clamp<std::int64_t>(
      seconds->is_number_unsigned() && seconds->get<std::uint64_t>() > UINT32_MAX
          ? limits::kChallengeSecondsMax
          : seconds->get<std::int64_t>(),
      0, limits::kChallengeSecondsMax);
  return now + std::chrono::seconds{lifetime};
}

std::string shown_text(const Json* value) {
  if (value == nullptr || !value->is_string()) return {};
  return http::one_line(value->get_ref<const std::string&>(), limits::kSentToBytesMax);
}

std::optional<Json> body_of(const http::Response& response) {
  auto body = parse_json(response.body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (!body || !body->is_object()) return std::nullopt;
  return std::move(*body);
}

Result<http::ApiCall> call_to(const Profile& profile, std::string_view name,
                              profile::SessionBody body, const Json& values) {
  const profile::Endpoint* endpoint = profile.endpoint(name);
  if (endpoint == nullptr || !endpoint->body)
    return failure(ErrorClass::invalid, "profile.missing", "the profile names no such call");
  LANDFALL_TRY_ASSIGN(std::string text, profile::fill_body(body, *endpoint->body, values));
  return http::ApiCall{std::string{name}, {}, {}, std::move(text)};
}

}  // namespace

std::string_view to_string(FactorMethod method) noexcept {
  for (const auto& [known, name] : kMethodNames) {
    if (known == method) return name;
  }
  return "totp";
}

std::optional<FactorMethod> parse_factor_method(std::string_view text) {
  for (const auto& [method, name] : kMethodNames) {
    if (name == text) return method;
  }
  return std::nullopt;
}

std::optional<Result<Challenge>> challenge_in(const Profile& profile,
                                              const http::Response& response,
                                              const std::string& email, Instant now) {
  const profile::Endpoint* login = profile.endpoint(kLoginEndpoint);
  if (!profile.second_factor || login == nullptr) return std::nullopt;
  const auto& rules = *profile.second_factor;
  if (response.status != rules.challenge_status) return std::nullopt;
  const auto body = body_of(response);
  const Json* token = body ? profile::reply_value(*body, *login, "challenge") : nullptr;
  if (token == nullptr) return std::nullopt;
  const tl::unexpected<Error> invalid = failure(
      factor_error(profile, ErrorClass::transient, "login.answer_invalid", "login.challenge"));
  const bool is_token = token->is_string() && !token->get_ref<const std::string&>().empty() &&
                        token->get_ref<const std::string&>().size() <= limits::kTokenBytesMax &&
                        is_printable(token->get_ref<const std::string&>());
  if (!is_token) return invalid;
  Challenge challenge{email, Secret<std::string>{token->get<std::string>()},
                      methods_in(rules, profile::reply_value(*body, *login, "challenge_methods")),
                      expiry_in(profile::reply_value(*body, *login, "challenge_expires_in_s"), now),
                      shown_text(profile::reply_value(*body, *login, "challenge_sent_to"))};
  if (challenge.methods.empty()) return invalid;
  return challenge;
}

Status SecondFactor::may_try(FactorMethod method, const Profile& profile, Instant now) const {
  if (is_checking_) return failure(ErrorClass::busy, "session.busy", "a code is being looked at");
  if (is_over(now)) return failure(refusal_error(profile, FactorRefusal::expired));
  const auto& methods = challenge_.methods;
  if (std::find(methods.begin(), methods.end(), method) == methods.end())
    return failure(refusal_error(profile, FactorRefusal::unavailable));
  return {};
}

Result<http::ApiCall> SecondFactor::on_code(const Parts& parts, const Secret<std::string>& code,
                                            FactorMethod method, Instant now) {
  LANDFALL_TRY(may_try(method, parts.profile, now));
  const auto& rules = *parts.profile.second_factor;
  const std::string typed = without_blanks(code.reveal());
  const bool fits = method == FactorMethod::backup_code ? !typed.empty() && is_printable(typed)
                                                        : is_digits(typed, rules.code_digits);
  if (!fits) {
    return failure(
        factor_error(parts.profile, ErrorClass::invalid, "second_factor.malformed", "params.code"));
  }
  LANDFALL_TRY_ASSIGN(auto call, call_to(parts.profile, kSecondFactorLoginEndpoint,
                                         profile::SessionBody::factor_code,
                                         {{"challenge", challenge_.token.reveal()},
                                          {"code", typed},
                                          {"method", rules.methods.at(method)},
                                          {"email", challenge_.email},
                                          {"device_id", parts.device_id},
                                          {"platform", parts.platform}}));
  is_checking_ = true;
  code_.clear();
  return call;
}

Result<http::ApiCall> SecondFactor::on_send(const Parts& parts, Instant now) {
  LANDFALL_TRY(may_try(FactorMethod::sms, parts.profile, now));
  return call_to(parts.profile, kSecondFactorSendEndpoint, profile::SessionBody::factor_text,
                 {{"challenge", challenge_.token.reveal()},
                  {"method", parts.profile.second_factor->methods.at(FactorMethod::sms)},
                  {"email", challenge_.email},
                  {"device_id", parts.device_id},
                  {"platform", parts.platform}});
}

Error SecondFactor::on_refused(const Profile& profile, const http::Response& response,
                               const Error& otherwise) {
  const auto& rules = *profile.second_factor;
  const auto known = mapped_refusal(profile, response);
  // A refused credential whose code the profile does not map is a wrong code.
  const bool is_wrong = otherwise.code == "login.invalid_credentials";
  if (!known && !is_wrong) return otherwise;
  const FactorRefusal refusal = known.value_or(FactorRefusal::wrong_code);
  Error error = refusal_error(profile, refusal);
  if (refusal != FactorRefusal::wrong_code && refusal != FactorRefusal::code_used) return error;
  code_ = error.code;
  attempts_left_.reset();
  const auto body = rules.attempts_left.empty() ? std::nullopt : body_of(response);
  const Json* left = body ? profile::reply_value(*body, rules.attempts_left) : nullptr;
  if (left != nullptr && left->is_number_integer()) {
    attempts_left_ = static_cast<int>(
        std::clamp<std::int64_t>(left->get<std::int64_t>(), 0, limits::kFactorAttemptsMax));
  }
  return error;
}

Error SecondFactor::on_send_refused(const Profile& profile, const http::Response& response) const {
  const auto refusal = mapped_refusal(profile, response).value_or(FactorRefusal::not_sent);
  const bool is_of_a_code =
      refusal == FactorRefusal::wrong_code || refusal == FactorRefusal::code_used;
  return refusal_error(profile, is_of_a_code ? FactorRefusal::not_sent : refusal);
}

void SecondFactor::on_sent(const Profile& profile, const http::Response& response) {
  const profile::Endpoint* endpoint = profile.endpoint(kSecondFactorSendEndpoint);
  const auto body = body_of(response);
  if (endpoint == nullptr || !body) return;
  std::string told = shown_text(profile::reply_value(*body, *endpoint, "challenge_sent_to"));
  if (!told.empty()) challenge_.sent_to = std::move(told);
}

SecondFactorView SecondFactor::view() const {
  return {challenge_.methods, challenge_.expires_at, challenge_.sent_to, code_, attempts_left_};
}

bool ends_login(const Error& error) {
  return error.code == "second_factor.expired" || error.kind == ErrorClass::refused;
}

}  // namespace landfall::auth
