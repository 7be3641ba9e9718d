#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::host {

// What the host says about itself and the app when it opens the engine (architecture section 8).
struct Config {
  std::string directory;  // absolute; created if it is missing
  std::shared_ptr<const Profile> profile;
  std::string app_version;
  std::string platform;  // "IOS" or "ANDROID"
  std::string os_version;
  std::string device_name;
  std::string locale;
  std::string zone;  // IANA name, sent as a header (P-100)
};

// Reads {directory, profile, app_version, platform, os_version, device_name, locale, zone,
// origin?}. `profile` is the name of a shipped profile or a whole profile as an object. `origin`
// replaces the profile's server, for tests and staging. Errors: json.*, config.missing,
// config.value, config.unknown_key and profile.*, each with the field's path.
[[nodiscard]] Result<Config> parse_config(std::string_view json_text);

}  // namespace landfall::host
