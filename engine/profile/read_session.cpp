#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/profile/sections.hpp"
#include "engine/profile/template.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

constexpr std::string_view kClearTokens = "clear_tokens";
constexpr std::string_view kClearCache = "clear_cache";

// `steps` names what is done in the order in which it is done, so that a profile reads like the
// seed that it came from (I-26). The one order that cannot work is refused.
LogoutRules read_logout(ObjectReader section) {
  LogoutRules rules;
  bool are_cleared = false;
  for (std::string& step : section.texts_or_none("steps", limits::kLogoutStepsMax)) {
    if (step == kClearTokens) {
      are_cleared = true;
    } else if (step == kClearCache) {
      rules.clears_cache = true;
    } else if (are_cleared) {
      section.refuse("steps", "expected every call before clear_tokens: it has none of them");
    } else {
      rules.calls.push_back(std::move(step));
    }
  }
  if (!are_cleared) section.refuse("steps", "expected a step clear_tokens");
  section.done();
  return rules;
}

// The session's own end is the last call that the server takes an access token for.
void check_call(const Profile& profile, const std::string& name, bool has_ended,
                FirstError& errors) {
  const std::string path = "auth.logout.steps";
  const Endpoint* endpoint = profile.endpoint(name);
  const bool is_known = endpoint != nullptr &&
                        (endpoint->auth == AuthKind::jwt || endpoint->auth == AuthKind::refresh);
  if (!is_known) {
    return errors.set("profile.value", path,
                      "expected endpoints whose auth is jwt or refresh, clear_tokens and "
                      "clear_cache; not " +
                          quote_input(name));
  }
  const auto in_path = variables_in(endpoint->path);
  if (!in_path || !in_path->empty())
    errors.set("profile.value", "endpoints." + name + ".path", "expected no placeholder");
  if (has_ended && endpoint->auth == AuthKind::jwt) {
    errors.set("profile.value", path,
               "expected " + quote_input(name) + " before the call that ends the session");
  }
}

}  // namespace

SessionRules read_session(ObjectReader& auth) {
  SessionRules rules;
  rules.login_name = auth.choice_or<LoginName>(
      "login_name", {{"any", LoginName::any}, {"email", LoginName::email}}, LoginName::any);
  rules.remember = auth.choice_or<Remember>("remember",
                                            {{"email", Remember::email},
                                             {"credentials", Remember::credentials},
                                             {"none", Remember::none}},
                                            Remember::email);
  rules.on_foreground = auth.choice_or<OnForeground>(
      "on_foreground", {{"nothing", OnForeground::nothing}, {"check", OnForeground::check}},
      OnForeground::nothing);
  rules.on_switch = auth.choice_or<SwitchCache>(
      "switch_cache", {{"keep", SwitchCache::keep}, {"clear", SwitchCache::clear}},
      SwitchCache::keep);
  if (auto logout = auth.object_if("logout")) rules.logout = read_logout(std::move(*logout));
  return rules;
}

void add_session_defaults(Profile& profile) {
  auto& logout = profile.auth.session.logout;
  if (logout.calls.empty() && profile.endpoint("logout") != nullptr)
    logout.calls.emplace_back("logout");
}

void check_session(const Profile& profile, FirstError& errors) {
  const SessionRules& rules = profile.auth.session;
  bool has_ended = false;
  for (const std::string& name : rules.logout.calls) {
    check_call(profile, name, has_ended, errors);
    const Endpoint* endpoint = profile.endpoint(name);
    has_ended = has_ended || (endpoint != nullptr && endpoint->auth == AuthKind::refresh);
  }
  const Endpoint* me = profile.endpoint("me");
  if (rules.on_foreground == OnForeground::check &&
      (me == nullptr || me->auth != AuthKind::jwt || !me->replay)) {
    errors.set("profile.value", "auth.on_foreground",
               "expected an endpoint me whose auth is jwt and that is replayed");
  }
  const Endpoint* sign_up = profile.endpoint("register");
  if (sign_up != nullptr && (sign_up->auth != AuthKind::none || !sign_up->body)) {
    errors.set("profile.value", "endpoints.register",
               "expected an endpoint whose auth is none and that has a body");
  }
}

}  // namespace landfall::profile
