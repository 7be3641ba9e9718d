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

}  // namespace landfall::auth
