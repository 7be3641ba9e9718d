#include "engine/permissions/permission_set.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/permissions/read_rights.hpp"
#include "schema/limits.hpp"

namespace landfall::permissions {
namespace {

// Both lists and the map, every byte escaped.
constexpr std::size_t kStoredBytesMax = 16 * limits::kMiB;

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

const std::vector<std::string>* of_matrix(const profile::PermissionRules& rules,
                                          std::string_view role) {
  const auto found = rules.matrix.find(lower(role));
  return found == rules.matrix.end() ? nullptr : &found->second;
}

bool contains(const std::vector<std::string>& rights, std::string_view right) {
  return std::find(rights.begin(), rights.end(), right) != rights.end();
}

tl::unexpected<Error> unreadable() {
  return failure(ErrorClass::corrupt, "permissions.unreadable", "the stored rights cannot be read");
}

}  // namespace

std::string_view to_string(RightSource source) noexcept {
  switch (source) {
    case RightSource::list:
      return "list";
    case RightSource::matrix:
      return "matrix";
    case RightSource::unknown:
      return "unknown";
  }
  return "unknown";
}

std::vector<std::string> roles_of(const PermissionSet& set) {
  if (!set.by_role) return set.roles;
  std::vector<std::string> roles;
  for (const auto& [role, rights] : *set.by_role) roles.push_back(role);
  return roles;
}

RightCheck check_right(const profile::PermissionRules& rules, const PermissionSet& set,
                       std::string_view right) {
  if (set.is_known) return {set.granted.contains(right), RightSource::list};
  const auto roles = roles_of(set);
  if (rules.matrix.empty() || roles.empty()) return {true, RightSource::unknown};
  const bool granted = std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
    const auto* rights = of_matrix(rules, role);
    return rights != nullptr && contains(*rights, right);
  });
  return {granted, RightSource::matrix};
}

std::vector<std::string> rights_of_role(const profile::PermissionRules& rules,
                                        const PermissionSet& set, std::string_view role) {
  if (set.by_role) {
    auto found = set.by_role->find(lower(role));
    if (found == set.by_role->end()) found = set.by_role->find(role);
    if (found != set.by_role->end() && !found->second.empty()) return found->second;
  }
  const auto* rights = of_matrix(rules, role);
  return rights == nullptr ? std::vector<std::string>{} : *rights;
}

std::set<std::string, std::less<>> rights_of_map(const RoleMap& by_role) {
  std::set<std::string, std::less<>> rights;
  for (const auto& [role, of_role] : by_role) rights.insert(of_role.begin(), of_role.end());
  return rights;
}

Json to_json(const PermissionSet& set) {
  Json json{{"known", set.is_known},
            {"granted", set.granted},
            {"offered", set.offered},
            {"roles", set.roles}};
  if (set.by_role) json["by_role"] = *set.by_role;
  if (set.pending)
    json["pending"] = {{"since_ms", set.pending->since.unix_ms}, {"revoked", set.pending->revoked}};
  return json;
}

Result<PermissionSet> parse_permission_set(std::string_view text) {
  const auto json = parse_json(text, {kStoredBytesMax});
  if (!json || !json->is_object()) return unreadable();
  PermissionSet set;
  const auto known = bool_at(*json, "known");
  auto granted = read_rights(json->value("granted", Json()), limits::kPermissionsMax);
  auto offered = read_rights(json->value("offered", Json()), limits::kPermissionsMax);
  auto roles = read_rights(json->value("roles", Json()), limits::kRolesMax);
  if (!known || !granted || !offered || !roles) return unreadable();
  set.is_known = *known;
  set.granted.insert(granted->begin(), granted->end());
  set.offered.insert(offered->begin(), offered->end());
  set.roles = std::move(*roles);
  if (json->contains("by_role")) {
    auto by_role = read_role_map((*json)["by_role"]);
    if (!by_role) return unreadable();
    set.by_role = std::move(*by_role);
  }
  if (!json->contains("pending")) return set;
  const Json& pending = (*json)["pending"];
  const auto since_ms = integer_at(pending, "since_ms");
  auto revoked = read_rights(pending.value("revoked", Json()), limits::kPermissionsMax);
  if (!since_ms || !revoked) return unreadable();
  set.pending = PendingLogout{Instant{*since_ms}, std::move(*revoked)};
  return set;
}

}  // namespace landfall::permissions
