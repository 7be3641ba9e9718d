#pragma once

#include <string>

#include "engine/base/time.hpp"
#include "engine/profile/session_rules.hpp"

namespace landfall::profile {

// What a definitive refusal of the refresh token does (C-4). Everything else keeps the session in
// any case.
enum class OnRefreshRejected { logout, keep };

struct RefreshRules {
  Duration ahead{0};  // refresh this long before expiry; zero: only after a 401
  OnRefreshRejected on_rejected = OnRefreshRejected::keep;
  std::string id_header;  // carries the refresh intent's id, the same on every retry; empty: none
};

struct AuthRules {
  RefreshRules refresh;
  SessionRules session;
};

}  // namespace landfall::profile
