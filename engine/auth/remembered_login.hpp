#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/profile/session_rules.hpp"
#include "engine/store/transaction.hpp"

namespace landfall::auth {

// What the user wants kept of a login that succeeds (I-7). The form's switch begins off, so nothing
// said is off.
struct RememberWish {
  bool email = false;
  bool password = false;  // counts only where the profile says `credentials` (C-14)
};

// The address that the login form is filled with (I-7). It is nobody's secret by the user's own
// word, belongs to the installation and survives every logout (I-26, step 4). Read from `meta`.
[[nodiscard]] Result<std::string> read_remembered_email(const store::Reader& device);

// A login has succeeded: keeps the address, or forgets whichever was kept. Returns what is
// remembered from here on.
[[nodiscard]] Result<std::string> remember_email(store::Transaction& device, profile::Remember rule,
                                                 const RememberWish& wish,
                                                 const std::string& email);

// Whether the password belongs into the host's secure storage behind this login.
[[nodiscard]] bool keeps_password(profile::Remember rule, const RememberWish& wish);

// Under this name in the host's secure storage, never in a file of the engine's.
inline constexpr const char* kCredentialsName = "landfall.credentials";

struct Credentials {
  std::string email;
  Secret<std::string> password;
};

// What the secure storage is handed: base64 of a JSON object.
[[nodiscard]] Secret<std::string> credentials_text(const std::string& email,
                                                   const Secret<std::string>& password);
// Nothing when it is not what credentials_text made.
[[nodiscard]] std::optional<Credentials> credentials_from(std::string_view text);

}  // namespace landfall::auth
