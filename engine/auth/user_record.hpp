#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/auth/organisation.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"

namespace landfall {
struct Profile;
}
namespace landfall::store {
class Reader;
class Sealer;
class Transaction;
}  // namespace landfall::store

namespace landfall::auth {

// What a login says of its user beside their tokens and rights, kept for starts without a network
// (A-10, A-11, I-40), and which of their roles they chose to work in. The role that is
// chosen leads to a screen and to nothing else: rights are those of all roles.
struct UserRecord {
  std::string name;
  std::string account_name;  // what they log in with, where it is no email
  std::string account_id;    // theirs in the app's own data, beside the id that they log in as
  std::vector<std::string> roles;  // in the server's order
  std::map<std::string, std::string, std::less<>> claims;
  std::string active_role;                  // empty: none was chosen
  std::vector<Organisation> organisations;  // those that they belong to (I-28 to I-30)

  friend bool operator==(const UserRecord&, const UserRecord&) = default;
};

// Reads what an answer of that endpoint says: its `reply` names user_name, account_name,
// account_id, roles and organisations, and the profile's auth.claims what is read of the access
// token. What is missing or makes no sense is left empty: a login does not fail for it.
[[nodiscard]] UserRecord read_user(const Profile& profile, std::string_view endpoint,
                                   std::string_view body, std::string_view access_token);

// In the row of the session, sealed under the user's token key and bound to user and organisation
// (C-23). The row must be there. Errors of reading: seal.broken, user.unreadable (both corrupt).
[[nodiscard]] Status store_user(store::Transaction& device, store::Sealer& token_key,
                                std::string_view user_id, std::string_view organisation,
                                const UserRecord& record);
[[nodiscard]] Result<std::optional<UserRecord>> load_user(const store::Reader& device,
                                                          const store::Sealer& token_key,
                                                          std::string_view user_id,
                                                          std::string_view organisation);

}  // namespace landfall::auth
