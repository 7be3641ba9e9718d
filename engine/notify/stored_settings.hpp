#pragma once

#include <string>

#include "engine/base/ids.hpp"
#include "engine/base/json.hpp"
#include "engine/base/result.hpp"
#include "engine/notify/settings.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::store {
class Reader;
class Sealer;
}  // namespace landfall::store

namespace landfall::notify {

// The user's settings as they stand in a document that a server or another version of the app
// wrote: what does not fit keeps its value from `base`, member by member, so that one unknown type
// costs nobody their quiet hours. Pure.
[[nodiscard]] Settings settings_of(const Json& stored, const Settings& base,
                                   const profile::NotificationRules& rules);

// The document that holds a user's settings (profile: notifications.settings); nothing when the
// profile names none.
[[nodiscard]] std::optional<EntityKey> settings_document(const Profile& profile,
                                                         const std::string& user_id);

// The settings as the user sees them, with their own unsettled changes; the profile's defaults
// where there is no document. Errors are the store's; a body that does not open counts as none.
[[nodiscard]] Result<Settings> read_settings(const store::Reader& reader, const Profile& profile,
                                             const store::Sealer& outbox_key,
                                             const store::Sealer& documents_key,
                                             const std::string& user_id);

}  // namespace landfall::notify
