#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/profile/permission_rules.hpp"

namespace landfall::permissions {

using RoleMap = std::map<std::string, std::vector<std::string>, std::less<>>;

// A logout that is owed since a right was taken away: it waits for forms to be saved.
struct PendingLogout {
  Instant since;
  std::vector<std::string> revoked;

  friend bool operator==(const PendingLogout&, const PendingLogout&) = default;
};

// What is known of a user's rights. They are those of all their roles together, never of one
// . A right that the hub says was given is `offered` until the server's own answer names it
// too: what is taken away counts at once, what is given not before that.
struct PermissionSet {
  bool is_known = false;  // a list came once; without one the feature matrix decides
  std::set<std::string, std::less<>> granted;
  std::set<std::string, std::less<>> offered;
  std::vector<std::string> roles;  // as the login named them
  std::optional<RoleMap> by_role;  // role_permissions_map; nothing: it never came
  std::optional<PendingLogout> pending;

  friend bool operator==(const PermissionSet&, const PermissionSet&) = default;
};

// Where an answer comes from, in this order.
enum class RightSource {
  list,    // the stored list
  matrix,  // the profile's feature matrix, for the roles that are known
  unknown  // nothing is known: the server decides
};

[[nodiscard]] std::string_view to_string(RightSource source) noexcept;

struct RightCheck {
  bool is_granted = true;
  RightSource source = RightSource::unknown;
};

// Whether the user may do it. A list that is empty grants nothing: the matrix speaks only
// where no list ever came.
[[nodiscard]] RightCheck check_right(const profile::PermissionRules& rules,
                                     const PermissionSet& set, std::string_view right);

// What one role may do: by its name in lower case, then as it is given, then by the feature matrix
//
[[nodiscard]] std::vector<std::string> rights_of_role(const profile::PermissionRules& rules,
                                                      const PermissionSet& set,
                                                      std::string_view role);

// The roles by the server's map, or by the login where no map came.
[[nodiscard]] std::vector<std::string> roles_of(const PermissionSet& set);

// All that any role of the map may do.
[[nodiscard]] std::set<std::string, std::less<>> rights_of_map(const RoleMap& by_role);

// As it is stored. Errors of parse: permissions.unreadable (corrupt).
[[nodiscard]] Json to_json(const PermissionSet& set);
[[nodiscard]] Result<PermissionSet> parse_permission_set(std::string_view text);

}  // namespace landfall::permissions
