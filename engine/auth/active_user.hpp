#pragma once

#include <string>
#include <string_view>

#include "engine/base/ids.hpp"

namespace landfall::auth {

// Who is logged in, as far as it is durable.
struct ActiveUser {
  std::string user_id;
  std::string organisation;
  std::string email;
  PartitionId partition;
};

// The same user in another organisation, and so in another partition.
[[nodiscard]] ActiveUser in_organisation(const ActiveUser& user, const std::string& organisation);

// BLAKE2b of user and organisation, as a version 8 UUID. Stable across installations: the
// partition's file name and the names of its keys derive from it.
[[nodiscard]] PartitionId partition_id_for(std::string_view user_id, std::string_view organisation);

}  // namespace landfall::auth
