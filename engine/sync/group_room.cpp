#include "engine/sync/group_room.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "engine/base/assert.hpp"
#include "engine/profile/profile.hpp"
#include "engine/store/group_operations.hpp"
#include "engine/sync/prepared_enqueue.hpp"

namespace landfall::sync {
namespace {

using profile::Delivery;

bool leaves_in_groups(const profile::Entity& entity) {
  return std::any_of(entity.actions.begin(), entity.actions.end(),
                     [](const auto& action) { return action.second.delivery == Delivery::group; });
}

Result<std::int64_t> size_of_group(const store::Reader& reader, const Profile& profile,
                                   const std::string& group_id) {
  std::int64_t size = 0;
  for (const auto& [type, entity] : profile.entities) {
    if (!leaves_in_groups(entity)) continue;
    LANDFALL_TRY_ASSIGN(const auto number, store::count_in_group(reader, type, group_id));
    size += number;
  }
  return size;
}

}  // namespace

Status check_group_room(const store::Reader& reader, const Profile& profile,
                        const PreparedEnqueue& prepared, const std::vector<Operation>& leaving) {
  const profile::Action& action = **prepared.action;
  const auto& group_id = prepared.request.group_id;
  if (!group_id || action.delivery != Delivery::group) return {};
  const profile::Endpoint* endpoint = profile.endpoint(action.endpoint);
  LANDFALL_ASSERT(endpoint != nullptr);  // checked when the profile was loaded
  const auto size_max = static_cast<std::int64_t>(endpoint->operations_max);
  if (size_max == 0) return {};
  LANDFALL_TRY_ASSIGN(std::int64_t size, size_of_group(reader, profile, *group_id));
  size -= std::count_if(leaving.begin(), leaving.end(),
                        [&](const Operation& operation) { return operation.group_id == group_id; });
  if (size < size_max) return {};
  return failure(Error{ErrorClass::refused, "operation.group_full",
                       "the group may have " + std::to_string(size_max) + " operations and has " +
                           std::to_string(size),
                       "group_id"});
}

}  // namespace landfall::sync
