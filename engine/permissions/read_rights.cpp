#include "engine/permissions/read_rights.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "schema/limits.hpp"

namespace landfall::permissions {
namespace {

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= limits::kPermissionBytesMax;
}

}  // namespace

std::optional<std::vector<std::string>> read_rights(const Json& list, std::size_t size_max) {
  if (!list.is_array() || list.size() > size_max) return std::nullopt;
  std::vector<std::string> names;
  for (const Json& name : list) {
    if (!name.is_string() || !is_name(name.get_ref<const std::string&>())) return std::nullopt;
    names.push_back(name.get<std::string>());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::optional<RoleMap> read_role_map(const Json& map) {
  if (!map.is_object() || map.size() > limits::kRolesMax) return std::nullopt;
  RoleMap by_role;
  for (const auto& [role, list] : map.items()) {
    auto rights = read_rights(list, limits::kPermissionsMax);
    if (!is_name(role) || !rights) return std::nullopt;
    by_role.emplace(role, std::move(*rights));
  }
  return by_role;
}

}  // namespace landfall::permissions
