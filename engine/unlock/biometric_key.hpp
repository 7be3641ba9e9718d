#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/secret.hpp"
#include "engine/base/time.hpp"
#include "engine/store/secret_key.hpp"

namespace landfall::unlock {

// The 32 bytes that the host's secure storage gives out after a good look at a finger or a face,
// and what they are good for: to open what was sealed for that moment, and to sign with a key pair
// whose public half the server knows (P-12, wire.md).
class BiometricKey final {
 public:
  explicit BiometricKey(store::SecretKey bytes);
  [[nodiscard]] static BiometricKey generate(SecureRandom& random);
  // Nothing for anything but 32 bytes in base64.
  [[nodiscard]] static std::optional<BiometricKey> from_text(std::string_view base64);

  // As the host keeps it.
  [[nodiscard]] Secret<std::string> text() const;
  // Of the key pair, in base64.
  [[nodiscard]] std::string public_key() const;
  // In base64, over `text`.
  [[nodiscard]] std::string sign(std::string_view text) const;

  // Seals the server's token for biometrics, or nothing at all, bound to the user.
  [[nodiscard]] std::vector<std::byte> seal(std::string_view user_id,
                                            const Secret<std::string>& token,
                                            SecureRandom& random) const;
  // Nothing when this is not the key that sealed it.
  [[nodiscard]] std::optional<Secret<std::string>> open(std::string_view user_id,
                                                        std::span<const std::byte> box) const;

 private:
  store::SecretKey bytes_;
};

// What is signed for a login: it binds the token to the device and to the moment.
[[nodiscard]] std::string login_statement(std::string_view device_id, std::string_view token,
                                          Instant at);

}  // namespace landfall::unlock
