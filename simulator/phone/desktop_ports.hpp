#pragma once

#include <nlohmann/json_fwd.hpp>

#include "simulator/phone/secret_file.hpp"

namespace landfall::phone {

// What a desktop answers to a question of the engine: the whole answer message. Secrets are kept in
// the file, as are the keys that secure hardware would keep, and every look at a finger is good;
// zones are the machine's, and a notification counts as shown: whoever asks here has shown it
// before. Other ports a desktop has none.
[[nodiscard]] nlohmann::json answer_on_desktop(SecretFile& secrets, const nlohmann::json& question);

}  // namespace landfall::phone
