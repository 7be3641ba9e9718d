#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/profile/routing_rules.hpp"

namespace landfall::routing {

// What is known of the app and its user when somebody has to be sent to a screen. What is not known
// yet has no value.
struct Facts {
  bool is_onboarded = false;
  std::optional<bool> has_session;  // somebody is logged in, and their tokens are here
  bool is_locked = false;           // the app's lock is closed
  std::optional<bool> is_synced;    // everything was pulled once
  std::optional<std::vector<std::string>> roles;
  std::string active_role;  // as the user last chose it
};

// Why a route is what it is.
enum class Why {
  waiting,          // for what is not known yet
  onboarding,       // was never finished here
  no_session,       // nobody is logged in
  locked,           // a PIN or a finger is asked for first
  first_sync,       // nothing was pulled yet
  web_only,         // all of the user's roles work elsewhere: they are logged out
  one_dashboard,    // there is one place to go
  many_dashboards,  // the user chooses
  no_dashboard,     // the user's roles have no place here; the session stays
  no_roles          // none are known, or they cannot be had in time; the session stays
};

[[nodiscard]] std::string_view to_string(Why why) noexcept;

struct Decision {
  Why why = Why::waiting;
  std::string route;                           // empty while waiting
  std::vector<profile::Dashboard> dashboards;  // the user's, once their roles are known
  std::string active_role;                     // one of theirs; empty: none was chosen
  bool logs_out = false;
};

// Where to go. The order is the seed's: onboarding, session, first sync, roles. It
// is the same without a network: the roles are those that were stored. Waits for what is not known
// while `waited` is less than the profile's roles_wait, and then goes on without it; whatever is
// wrong ends at the login screen with the session kept.
[[nodiscard]] Decision decide(const profile::RoutingRules& rules, const Facts& facts,
                              Duration waited);

}  // namespace landfall::routing
