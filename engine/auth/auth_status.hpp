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

// Whether data that this keeps locked is tried again by itself: what the phone could not do now it
// may do later, its disk included. Keys that are lost or not its own stay so until somebody mends
// it (INV-A7).
[[nodiscard]] bool may_pass(const Error& locked_because);

// session.busy: a login, a logout or a switch is under way.
[[nodiscard]] Error session_busy();

// Whether a switch to another organisation may begin (I-30). `shown`: what the app shows;
// `is_busy`: something else is under way; `is_barred`: there is a user, and the app's lock is
// closed. Errors: session.busy, session.locked.
[[nodiscard]] Status may_begin_switch(AuthStatus shown, bool is_busy, bool is_barred);

}  // namespace landfall::auth
