#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/base/random.hpp"

namespace landfall::phone {

// Where a host keeps what its secure hardware would: the engine's own secrets have other names.
struct Vault {
  std::function<std::optional<std::string>(const std::string& name)> read;
  std::function<bool(const std::string& name, const std::string& value)> write;
};

// What stands in for the secure hardware of a phone: a key that makes HMACs and is never given out
// (hardware.hmac), and values that a good look at a finger would give out (biometric.write,
// biometric.read; here every look is good). The result of the answer; nothing for any other port.
[[nodiscard]] std::optional<nlohmann::json> answer_hardware(const std::string& port,
                                                            const nlohmann::json& data,
                                                            const Vault& vault,
                                                            SecureRandom& random);

}  // namespace landfall::phone
