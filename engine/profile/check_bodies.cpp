#include <string>

#include "engine/profile/sections.hpp"
#include "engine/profile/session_body.hpp"

namespace landfall::profile {
namespace {

// What a session's call has a value for is known before it is made: a placeholder beside these
// would be found by a user who logs in or out.
void check_body(const Profile& profile, const std::string& name, SessionBody body,
                FirstError& errors) {
  const Endpoint* endpoint = profile.endpoint(name);
  if (endpoint == nullptr || !endpoint->body || has_only_names_of(body, *endpoint->body)) return;
  errors.set("profile.value", "endpoints." + name + ".body",
             "has a placeholder that this call has no value for");
}

void require_body(const Profile& profile, const std::string& name, FirstError& errors) {
  const Endpoint* endpoint = profile.endpoint(name);
  if (endpoint != nullptr && !endpoint->body)
    errors.set("profile.missing", "endpoints." + name + ".body", "is missing, expected a body");
}

}  // namespace

void check_bodies(const Profile& profile, FirstError& errors) {
  check_body(profile, "login", SessionBody::login, errors);
  check_body(profile, "register", SessionBody::registration, errors);
  for (const std::string& name : profile.auth.session.logout.calls)
    check_body(profile, name, SessionBody::farewell, errors);
  if (!profile.second_factor) return;
  require_body(profile, "second_factor_login", errors);
  check_body(profile, "second_factor_login", SessionBody::factor_code, errors);
  require_body(profile, "second_factor_send", errors);
  check_body(profile, "second_factor_send", SessionBody::factor_text, errors);
  for (const char* name : {"second_factor_setup", "second_factor_verify",
                           "second_factor_backup_codes", "second_factor_disable"})
    check_body(profile, name, SessionBody::factor_task, errors);
}

}  // namespace landfall::profile
