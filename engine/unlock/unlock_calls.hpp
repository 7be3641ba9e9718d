#pragma once

#include <optional>
#include <string>

#include "engine/auth/token_lifecycle.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"
#include "engine/unlock/biometric_key.hpp"

namespace landfall::unlock {

// Names of endpoints in a profile. Those of the PIN are there where the server knows it as well.
inline constexpr const char* kBiometricEndpoint = "biometric";
inline constexpr const char* kBiometricRegisterEndpoint = "biometric_register";
inline constexpr const char* kMeEndpoint = "me";
inline constexpr const char* kPinLoginEndpoint = "pin_login";
inline constexpr const char* kPinRegisterEndpoint = "pin_register";

// What the server is asked about biometrics and PIN (P-12 to P-14, P-23, P-88), and what its
// answers mean. Errors of answers: biometric.refused and pin.refused (auth: definitively, in the
// profile's error shape), biometric.server and pin.server (wait_network or transient: nothing was
// decided).

[[nodiscard]] Result<http::ApiCall> register_call(const Profile& profile,
                                                  const std::string& device_id,
                                                  const BiometricKey& key);
[[nodiscard]] Result<Secret<std::string>> read_registered(const Profile& profile,
                                                          const http::Answer& answer);

[[nodiscard]] Result<http::ApiCall> login_call(const Profile& profile, const std::string& device_id,
                                               const BiometricKey& key,
                                               const Secret<std::string>& token, Instant now);
[[nodiscard]] Result<auth::TokenPair> read_login(const Profile& profile,
                                                 const http::Answer& answer);

// That the session behind the lock is still good, from a server that only has a refresh token.
[[nodiscard]] http::ApiCall confirm_call();
[[nodiscard]] Status read_confirmed(const Profile& profile, const http::Answer& answer);

// Whose PIN it is, and on which phone.
struct PinOwner {
  std::string email;
  std::string device_id;
  std::string platform;
};

// Nothing where the profile has no such endpoint: the PIN never leaves the phone then.
[[nodiscard]] std::optional<http::ApiCall> pin_register_call(const Profile& profile,
                                                             const PinOwner& owner,
                                                             const Secret<std::string>& pin);
[[nodiscard]] std::optional<http::ApiCall> pin_login_call(const Profile& profile,
                                                          const PinOwner& owner,
                                                          const Secret<std::string>& pin);
[[nodiscard]] Result<auth::TokenPair> read_pin_login(const Profile& profile,
                                                     const http::Answer& answer);

}  // namespace landfall::unlock
