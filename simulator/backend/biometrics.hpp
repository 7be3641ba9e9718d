#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/database.hpp"

namespace landfall::backend {

// P-9.
inline constexpr Duration kBiometricLifetime{30LL * 24 * 3'600'000};

struct BiometricLogin {
  std::string token;
  std::string device_id;
  std::string signature;  // base64
  std::string signed_at;
};

// Tokens that stand for a finger or a face on one device (P-12, P-13, P-88). Each is bound to the
// device and to the public half of a key that only a good look gives out there, so that the token
// alone logs nobody in. A device has one; a new registration ends the one before.
class Biometrics final {
 public:
  Biometrics(BackendDatabase& database, SecureRandom& random)
      : database_(database), random_(random) {}

  // The new token; nothing when the key is none.
  [[nodiscard]] std::optional<std::string> enrol(std::string_view user_id,
                                                 std::string_view device_id,
                                                 std::string_view public_key, Instant now);

  struct Verdict {
    std::string user_id;  // empty: refused
    std::string code;     // why
  };
  [[nodiscard]] Verdict judge(const BiometricLogin& login, Instant now);

 private:
  BackendDatabase& database_;
  SecureRandom& random_;
};

}  // namespace landfall::backend
