#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

constexpr std::array<std::string_view, 2> kVariables{"method", "phone_number"};
constexpr std::array<std::string_view, 6> kReplies{"challenge_methods", "challenge_expires_in_s",
                                                   "challenge_sent_to", "factor_url",
                                                   "factor_key",        "backup_codes"};

constexpr std::int64_t kDigitsMin = 4;
constexpr std::int64_t kDigitsMax = 10;

std::map<FactorMethod, std::string> read_methods(ObjectReader section) {
  std::map<FactorMethod, std::string> methods;
  constexpr std::array<std::pair<FactorMethod, std::string_view>, 3> kKnown{
      {{FactorMethod::totp, "totp"},
       {FactorMethod::backup_code, "backup_code"},
       {FactorMethod::sms, "sms"}}};
  for (const auto& [method, name] : kKnown) {
    if (section.has(name)) methods.emplace(method, section.text(name, limits::kNameBytesMax));
  }
  section.done();
  return methods;
}

std::map<std::string, FactorRefusal, std::less<>> read_refusals(ObjectReader section) {
  std::map<std::string, FactorRefusal, std::less<>> errors;
  for (const auto& [code, value] : section.value().items()) {
    if (errors.size() >= limits::kFactorErrorsMax) {
      section.refuse(path_part(code), "expected fewer codes");
      break;
    }
    errors.emplace(code,
                   section.choice<FactorRefusal>(code, {{"wrong_code", FactorRefusal::wrong_code},
                                                        {"code_used", FactorRefusal::code_used},
                                                        {"expired", FactorRefusal::expired},
                                                        {"exhausted", FactorRefusal::exhausted},
                                                        {"unavailable", FactorRefusal::unavailable},
                                                        {"not_sent", FactorRefusal::not_sent},
                                                        {"send_wait", FactorRefusal::send_wait}}));
  }
  section.done();
  return errors;
}

}  // namespace

bool is_second_factor_variable(std::string_view name) {
  return std::find(kVariables.begin(), kVariables.end(), name) != kVariables.end();
}

bool is_second_factor_reply(std::string_view name) {
  return std::find(kReplies.begin(), kReplies.end(), name) != kReplies.end();
}

SecondFactorRules read_second_factor(ObjectReader section) {
  SecondFactorRules rules;
  rules.challenge_status = static_cast<int>(section.integer_or("challenge_status", 200, 200, 499));
  rules.code_digits =
      static_cast<std::size_t>(section.integer_or("code_digits", 6, kDigitsMin, kDigitsMax));
  rules.methods = read_methods(section.object("methods"));
  if (rules.methods.empty()) section.refuse("methods", "expected one of totp, backup_code, sms");
  rules.errors = read_refusals(section.object("errors"));
  rules.attempts_left = section.text_or("attempts_left", "");
  section.done();
  return rules;
}

}  // namespace landfall::profile
