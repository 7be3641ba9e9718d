#include "engine/auth/auth_status.hpp"

namespace landfall::auth {

std::string_view to_string(AuthStatus status) noexcept {
  switch (status) {
    case AuthStatus::initial:
      return "initial";
    case AuthStatus::loading:
      return "loading";
    case AuthStatus::authenticated:
      return "authenticated";
    case AuthStatus::unauthenticated:
      return "unauthenticated";
    case AuthStatus::biometric_prompt:
      return "biometricPrompt";
    case AuthStatus::organization_select:
      return "organizationSelect";
    case AuthStatus::locked:
      return "locked";
    case AuthStatus::two_factor:
      return "twoFactor";
    case AuthStatus::reauth_required:
      return "reauthRequired";
  }
  return "initial";
}

bool may_pass(const Error& locked_because) {
  switch (locked_because.kind) {
    case ErrorClass::transient:
    case ErrorClass::busy:
    case ErrorClass::storage_full:
      return true;
    case ErrorClass::internal:
      return locked_because.code == "store.io";
    case ErrorClass::invalid:
    case ErrorClass::wait_network:
    case ErrorClass::auth:
    case ErrorClass::refused:
    case ErrorClass::corrupt:
    case ErrorClass::indeterminate:
      break;
  }
  return false;
}

Error session_busy() {
  return {ErrorClass::busy, "session.busy", "a login or logout is under way"};
}

Status may_begin_switch(AuthStatus shown, bool is_busy, bool is_barred) {
  if (is_busy) return failure(session_busy());
  if (is_inside(shown)) return {};
  if (is_barred) return failure(ErrorClass::refused, "session.locked", "unlock the app first");
  return failure(session_busy());
}

}  // namespace landfall::auth
