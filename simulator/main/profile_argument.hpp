#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/base/result.hpp"
#include "engine/profile/profile.hpp"

namespace landfall::simulator {

// What `--profile` named.
struct ProfileArgument {
  nlohmann::json config;  // as it stands in an engine's config: a name, or the whole profile
  std::shared_ptr<const Profile> profile;
};

// The name of a shipped profile, or the path of a file with one. Errors: profile.missing (neither)
// and what Profile::load finds, with a message that names the file.
[[nodiscard]] Result<ProfileArgument> read_profile(const std::string& name);

}  // namespace landfall::simulator
