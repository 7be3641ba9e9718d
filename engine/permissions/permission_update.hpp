#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/permissions/permission_set.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::permissions {

// What the hub says in `PermissionsUpdated`.
struct PermissionUpdate {
  std::string user_id;  // empty: it does not say whose
  std::vector<std::string> permissions;
};

// The arguments of the message: one map {UserId, Permissions[], Timestamp}, whose keys may begin
// with a small letter (ASP.NET writes them so); a list of rights; or the three values in this
// order, as one list or as the arguments themselves. Errors: permissions.invalid.
[[nodiscard]] Result<PermissionUpdate> parse_permission_update(const Json& arguments);

// What the answer to a login or a refresh says of the user's rights, where the endpoint's `reply`
// names `permissions` and `roles`.
struct Granted {
  std::optional<std::vector<std::string>> permissions;
  std::optional<std::vector<std::string>> roles;

  [[nodiscard]] bool is_empty() const { return !permissions && !roles; }
};
[[nodiscard]] Granted granted_in(const Profile& profile, std::string_view endpoint,
                                 std::string_view body);

// The answer of the endpoint `permissions.by_role`: the map stands where its `reply` names
// `role_permissions`, `rolePermissions` where it names nothing. Errors: permissions.invalid.
[[nodiscard]] Result<RoleMap> parse_by_role(const Profile& profile, std::string_view body);

}  // namespace landfall::permissions
