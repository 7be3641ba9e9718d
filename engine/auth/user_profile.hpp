#pragma once

#include <string_view>

#include "engine/auth/organisation.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/store/sealer.hpp"
#include "engine/store/transaction.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// What an answer of that endpoint says of its user, by the endpoint's reply paths (user_name,
// organisations, and organisation_id, _name and _industry in each item; id, name and industry where
// the profile names none). Items that name no organisation properly are left out, repetitions too;
// texts that are too long are cut. Never an error: a login is not refused for a name. (I-28, I-29)
[[nodiscard]] UserProfile user_profile_in(const Profile& profile, std::string_view endpoint,
                                          std::string_view body);

// An id names rows, keys, a file and a header: it must be there, short enough and one line.
[[nodiscard]] bool is_id_text(std::string_view text);

// Kept with the session's row, sealed by the token key, until its user logs out (I-26, step 3).
[[nodiscard]] Status store_user_profile(store::Transaction& device, store::Sealer& key,
                                        const PartitionId& partition, const UserProfile& profile);
// What cannot be read is empty, as on a phone whose user logged in before there was one: it is
// shown, and nothing is decided by it.
[[nodiscard]] Result<UserProfile> load_user_profile(const store::Reader& device,
                                                    const store::Sealer& key,
                                                    const PartitionId& partition);

}  // namespace landfall::auth
