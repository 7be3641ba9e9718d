#include <algorithm>
#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/profile/sections.hpp"
#include "schema/limits.hpp"

namespace landfall::profile {
namespace {

bool has_upper(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

PermissionRules read_permissions(ObjectReader section) {
  PermissionRules rules;
  rules.by_role = section.text_or("by_role", "", limits::kNameBytesMax);
  rules.on_revoked = section.choice_or<OnRevoked>(
      "on_revoked", {{"logout", OnRevoked::logout}, {"tell", OnRevoked::tell}}, OnRevoked::logout);
  rules.defer_max = std::chrono::seconds{section.integer_or(
      "defer_max_s", limits::kRevocationDeferMs / 1'000, 0, limits::kRevocationDeferMsMax / 1'000)};
  if (auto matrix = section.object_if("matrix")) {
    std::vector<std::string> roles;
    for (const auto& [role, unused] : matrix->value().items()) roles.push_back(role);
    if (roles.size() > limits::kRolesMax) section.refuse("matrix", "expected fewer roles");
    for (const std::string& role : roles) {
      if (has_upper(role)) matrix->refuse(role, "expected the role in lower case");
      rules.matrix.emplace(role, matrix->texts_or_none(role, limits::kPermissionsMax));
    }
    matrix->done();
  }
  section.done();
  return rules;
}

}  // namespace landfall::profile
