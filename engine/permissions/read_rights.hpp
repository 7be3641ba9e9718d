#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/permissions/permission_set.hpp"

namespace landfall::permissions {

// A list of names, sorted and each once; nothing when it is no list, is longer than `size_max`, or
// holds what is no name of 1 to kPermissionBytesMax bytes.
[[nodiscard]] std::optional<std::vector<std::string>> read_rights(const Json& list,
                                                                  std::size_t size_max);

// Rights by role; nothing when it is no such object or one of its lists is none.
[[nodiscard]] std::optional<RoleMap> read_role_map(const Json& map);

}  // namespace landfall::permissions
