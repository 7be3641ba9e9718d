#include "engine/auth/active_user.hpp"

#include <cstdint>

#include <sodium.h>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"

namespace landfall::auth {

ActiveUser in_organisation(const ActiveUser& user, const std::string& organisation) {
  return {user.user_id, organisation, user.email, partition_id_for(user.user_id, organisation)};
}

PartitionId partition_id_for(std::string_view user_id, std::string_view organisation) {
  if (mutant::is(mutant::Mutant::share_partition)) user_id = {};
  // The length keeps ("ab", "c") and ("a", "bc") apart.
  const std::string text = "landfall.partition.1:" + std::to_string(user_id.size()) + ":" +
                           std::string{user_id} + std::string{organisation};
  PartitionId id;
  const int code = crypto_generichash(id.bytes.data(), id.bytes.size(),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      text.size(), nullptr, 0);
  LANDFALL_ASSERT(code == 0);
  // Version 8, a hash of our own making, so that its text is a well-formed UUID.
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | 0x80U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
  return id;
}

}  // namespace landfall::auth
