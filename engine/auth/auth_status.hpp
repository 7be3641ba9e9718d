#pragma once

#include <string_view>

#include "engine/base/result.hpp"

namespace landfall::auth {

// The seeds' words (I-39) plus the engine's.
enum class AuthStatus {
  initial,
  loading,
  authenticated,
  unauthenticated,
  biometric_prompt,
  organization_select,
  locked,
  two_factor,
  reauth_required
};

// As the host reads it: "initial", "biometricPrompt", "reauthRequired".
[[nodiscard]] std::string_view to_string(AuthStatus status) noexcept;

// Whether somebody is in: their data is open and their screens are, if nobody locked the app.
[[nodiscard]] constexpr bool is_inside(AuthStatus status) {
  return status == AuthStatus::authenticated || status == AuthStatus::reauth_required;
}

}  // namespace landfall::auth
