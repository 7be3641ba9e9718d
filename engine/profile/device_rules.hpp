#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace landfall::profile {

// How the server learns of this phone, and how it says that a user has too many of them (P-19,
// P-21, C-17).
struct DeviceRules {
  std::string register_endpoint;  // called once a user is logged in, and when what it says changes
  std::vector<std::string> limit_codes;  // error codes that mean: too many devices
  std::size_t max = 0;  // how many the server allows, for the host to show; zero: not known
};

}  // namespace landfall::profile
