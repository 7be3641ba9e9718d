#pragma once

#include "engine/profile/auth_rules.hpp"

namespace landfall {
struct Profile;
namespace profile {
struct Endpoint;
}
}  // namespace landfall

namespace landfall::auth {

// What follows a 401 for the call that met it.
enum class After401 {
  pass,     // it goes to the caller and says nothing of the token
  refresh,  // it goes to the caller, and a refresh begins for whoever comes next
  replay    // a refresh, and the call once more with what it brings
};

// Calls without an access token are passed through, and so are the profile's passthrough_paths
// login, register and refresh never begin a refresh). A call that was replayed is not
// replayed again (A-23, C-6).
[[nodiscard]] After401 after_401(const Profile& profile, const profile::Endpoint& endpoint,
                                 bool was_replayed);

// Whether a call whose 401 no refresh could cure is answered with that 401 or with
// `no_session`, as if it had never left (I-27).
[[nodiscard]] bool gets_its_401(const profile::AuthRules& rules);

// What a definitive refusal of the refresh token does to the session (C-4).
enum class AfterRefusal { stays, asks, ends };

// `is_needed`: somebody at the phone waits for the server just now.
[[nodiscard]] AfterRefusal after_refusal(profile::OnRefreshRejected rule, bool is_needed);

}  // namespace landfall::auth
