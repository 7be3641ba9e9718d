#include "engine/permissions/permission_update.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/permissions/read_rights.hpp"
#include "engine/profile/profile.hpp"
#include "schema/limits.hpp"

namespace landfall::permissions {
namespace {

tl::unexpected<Error> invalid(std::string message) {
  return failure(ErrorClass::invalid, "permissions.invalid", std::move(message));
}

// By the name that the message has in .NET, or as its serialiser writes it.
const Json* member(const Json& map, std::string_view name) {
  std::string small{name};
  small.front() = static_cast<char>(small.front() - 'A' + 'a');
  for (const std::string& key : {std::string{name}, small}) {
    const auto found = map.find(key);
    if (found != map.end()) return &*found;
  }
  return nullptr;
}

Result<PermissionUpdate> read(const Json* user, const Json* list) {
  PermissionUpdate update;
  if (user != nullptr && !user->is_null()) {
    if (!user->is_string()) return invalid("UserId is no text");
    update.user_id = user->get<std::string>();
  }
  if (list == nullptr) return invalid("the message has no Permissions");
  auto rights = read_rights(*list, limits::kPermissionsMax);
  if (!rights) return invalid("Permissions is no list of rights, or a longer one than anybody has");
  update.permissions = std::move(*rights);
  return update;
}

Result<PermissionUpdate> read_list(const Json& list) {
  if (list.size() == 1 && list[0].is_object())
    return read(member(list[0], "UserId"), member(list[0], "Permissions"));
  const bool is_triple = list.size() >= 2 && list.size() <= 3 && list[1].is_array();
  if (is_triple) return read(&list[0], &list[1]);
  return read(nullptr, &list);
}

std::optional<std::vector<std::string>> names_in(const Json& reply,
                                                 const profile::Endpoint& endpoint,
                                                 std::string_view what, std::size_t size_max) {
  const Json* list = profile::reply_value(reply, endpoint, what);
  return list == nullptr ? std::nullopt : read_rights(*list, size_max);
}

}  // namespace

Result<PermissionUpdate> parse_permission_update(const Json& arguments) {
  if (!arguments.is_array() || arguments.empty()) return invalid("the message has no arguments");
  if (arguments.size() == 1 && arguments[0].is_array()) return read_list(arguments[0]);
  const bool is_plain_list = std::all_of(arguments.begin(), arguments.end(),
                                         [](const Json& each) { return each.is_string(); });
  if (is_plain_list) return invalid("the rights do not stand in a list");
  return read_list(arguments);
}

Granted granted_in(const Profile& profile, std::string_view endpoint_name, std::string_view body) {
  const profile::Endpoint* endpoint = profile.endpoint(endpoint_name);
  const auto reply = parse_json(body, {limits::kAuthResponseBytesMax, limits::kJsonDepthMax});
  if (!profile.permissions || endpoint == nullptr || !reply) return {};
  return {names_in(*reply, *endpoint, "permissions", limits::kPermissionsMax),
          names_in(*reply, *endpoint, "roles", limits::kRolesMax)};
}

Result<RoleMap> parse_by_role(const Profile& profile, std::string_view body) {
  const profile::Endpoint* endpoint = profile.endpoint(profile.permissions->by_role);
  const auto reply = parse_json(body, {limits::kSyncResponseBytesMax, limits::kJsonDepthMax});
  if (endpoint == nullptr || !reply) return invalid("the answer is no JSON");
  const bool is_named = endpoint->reply.contains("role_permissions");
  const Json* map = is_named ? profile::reply_value(*reply, *endpoint, "role_permissions")
                             : profile::reply_value(*reply, "rolePermissions");
  if (map == nullptr) return invalid("the answer has no rights by role");
  auto by_role = read_role_map(*map);
  if (!by_role) return invalid("the rights by role are no lists of rights");
  return std::move(*by_role);
}

}  // namespace landfall::permissions
