#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/http/message.hpp"

namespace landfall::http {

// A call that a machine wants made, in the profile's words. The gateway turns it into a Request:
// path and headers from the profile, the bearer token when the call leaves.
struct ApiCall {
  std::string endpoint;  // a name under `endpoints` in the profile: "push", "pull", "login"
  std::map<std::string, std::string> variables;  // fills ${...} in the endpoint's path
  Headers headers;                               // beyond those of the profile
  std::string body;                              // JSON text; empty for none
  // Names and values behind the path; values are percent-encoded.
  std::vector<std::pair<std::string, std::string>> query = {};
};

}  // namespace landfall::http
