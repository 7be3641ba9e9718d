#pragma once

#include <string>
#include <vector>

namespace landfall::profile {

// What a login takes as the user's name (I-5 against A-7).
enum class LoginName { any, email };

// What a login leaves behind for the next one, when its user asks for it (C-14).
enum class Remember { email, credentials, none };

// What is done when the user comes back to the app (I-25).
enum class OnForeground { nothing, check };

// What becomes of the cache of the organisation that is left (C-22). Its outbox stays in any case.
enum class SwitchCache { keep, clear };

// What a logout does beside ending the session, in an order that works (C-15): the server is told
// with a copy of the tokens while they are still good for something.
struct LogoutRules {
  std::vector<std::string> calls;  // names of endpoints, in order
  bool clears_cache = false;       // documents that no unsettled operation refers to
};

struct SessionRules {
  LoginName login_name = LoginName::any;
  Remember remember = Remember::email;
  LogoutRules logout;
  OnForeground on_foreground = OnForeground::nothing;
  SwitchCache on_switch = SwitchCache::keep;
};

}  // namespace landfall::profile
