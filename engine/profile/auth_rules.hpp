#pragma once

#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/profile/session_rules.hpp"

namespace landfall::profile {

// What a definitive refusal of the refresh token does (C-4). Everything else keeps the session in
// any case, and what waits to be sent stays sealed to its owner in any case.
enum class OnRefreshRejected {
  logout,  // nobody is logged in any more (I-15)
  ask,     // the user is asked to log in at once; what is stored stays open
  keep     // nothing changes before somebody needs the server
};

struct RefreshRules {
  Duration ahead{0};  // refresh this long before expiry; zero: only after a 401
  OnRefreshRejected on_rejected = OnRefreshRejected::keep;
  std::string id_header;  // carries the refresh intent's id, the same on every retry; empty: none
};

// What of an access token's claims is kept for the app. They are hints: no signature is
// checked here, so none of them grants a right.
struct ClaimRules {
  std::string roles;              // the claim with the roles, where the reply names none
  std::vector<std::string> kept;  // claims whose values the app reads
};

struct AuthRules {
  RefreshRules refresh;
  // Endpoints with these paths get their 401 as it is: it says nothing of the token (A-19, C-6).
  // Whatever carries no access token is passed through anyway.
  std::vector<std::string> passthrough_paths;
  ClaimRules claims;
  SessionRules session;
};

}  // namespace landfall::profile
