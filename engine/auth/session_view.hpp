#pragma once

#include <string>
#include <vector>

#include "engine/auth/organisation.hpp"

namespace landfall::auth {

// What an app shows of a session beside its status: the seeds' AuthState (I-40), and what its
// screens need to know (I-27, I-35 to I-38).
struct SessionView {
  std::string user_name;
  std::string organisation;  // id of the active one; empty: none
  std::vector<Organisation> organisations;
  std::string message_key;  // what the user is to read now; its text is the profile's
  std::string remembered_email;
  bool is_biometric_enabled = false;
  // "login", "biometric" or "logout" while that lasts; empty: nothing to wait for. A refresh of the
  // tokens is nobody's business (I-37).
  std::string busy;
  bool are_routes_allowed = false;  // whether screens that need a user may be shown
};

}  // namespace landfall::auth
