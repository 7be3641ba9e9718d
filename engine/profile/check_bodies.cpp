#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "engine/profile/sections.hpp"
#include "engine/profile/template.hpp"

namespace landfall::profile {
namespace {

using Names = std::initializer_list<std::string_view>;

// What a session's call has a value for is known before it is made: a placeholder beside these
// would be found by a user who logs in or out.
void check_body(const Profile& profile, const std::string& name, Names known, FirstError& errors) {
  const Endpoint* endpoint = profile.endpoint(name);
  if (endpoint == nullptr || !endpoint->body) return;
  const auto used = variables_in_json(*endpoint->body);
  const bool is_known = used && std::all_of(used->begin(), used->end(), [&](const auto& each) {
                          return std::find(known.begin(), known.end(), each) != known.end();
                        });
  if (!is_known) {
    errors.set("profile.value", "endpoints." + name + ".body",
               "has a placeholder that this call has no value for");
  }
}

void require_body(const Profile& profile, const std::string& name, FirstError& errors) {
  const Endpoint* endpoint = profile.endpoint(name);
  if (endpoint != nullptr && !endpoint->body)
    errors.set("profile.missing", "endpoints." + name + ".body", "is missing, expected a body");
}

}  // namespace

void check_bodies(const Profile& profile, FirstError& errors) {
  check_body(profile, "login", {"email", "password", "device_id", "platform", "remember_me"},
             errors);
  check_body(profile, "register", {"email", "password", "name", "device_id"}, errors);
  for (const std::string& name : profile.auth.session.logout.calls)
    check_body(profile, name, {"refresh_token", "device_id"}, errors);
  if (!profile.second_factor) return;
  require_body(profile, "second_factor_login", errors);
  check_body(profile, "second_factor_login",
             {"challenge", "code", "method", "email", "device_id", "platform"}, errors);
  require_body(profile, "second_factor_send", errors);
  check_body(profile, "second_factor_send",
             {"challenge", "method", "email", "device_id", "platform"}, errors);
  for (const char* name : {"second_factor_setup", "second_factor_verify",
                           "second_factor_backup_codes", "second_factor_disable"})
    check_body(profile, name, {"code", "phone_number", "device_id"}, errors);
}

}  // namespace landfall::profile
