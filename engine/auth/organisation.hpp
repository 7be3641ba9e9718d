#pragma once

#include <string>
#include <vector>

namespace landfall::auth {

// Where a user works; the words are the server's (I-29).
struct Organisation {
  std::string id;
  std::string name;
  std::string industry;

  friend bool operator==(const Organisation&, const Organisation&) = default;
};

// What the server says of a user, beside their id and tokens (I-6, I-40).
struct UserProfile {
  std::string name;
  std::vector<Organisation> organisations;

  friend bool operator==(const UserProfile&, const UserProfile&) = default;
};

}  // namespace landfall::auth
