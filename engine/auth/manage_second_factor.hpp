#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/http/api_call.hpp"
#include "engine/http/message.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::auth {

// What a user who is logged in does about their second factor. All of it is the
// server's: nothing is stored here and nothing waits for a network.
enum class FactorTask { set_up, verify, backup_codes, disable };

struct FactorWish {
  FactorTask task = FactorTask::set_up;
  const Secret<std::string>& code;  // may be empty where the server asks for none
  std::string phone_number;         // of set_up: where text messages go; may be empty
};

// Errors: second_factor.off (the profile knows no such call), second_factor.phone_invalid.
[[nodiscard]] Result<http::ApiCall> manage_call(const Profile& profile,
                                                const std::string& device_id,
                                                const FactorWish& wish);

// What the server gives out once, for the user's eyes alone.
struct FactorSecrets {
  Secret<std::string> url;                        // of set_up: otpauth://, to be shown as a QR code
  Secret<std::string> manual_key;                 // of set_up: for whoever cannot scan it
  std::vector<Secret<std::string>> backup_codes;  // of verify and backup_codes
};

// Errors: second_factor.wrong_code and the others that the profile maps, second_factor.refused,
// second_factor.server_error, second_factor.answer_invalid, network.not_sent, network.no_session,
// and second_factor.unknown (the server may have done it; new backup codes can be asked for).
[[nodiscard]] Result<FactorSecrets> read_managed(const Profile& profile, FactorTask task,
                                                 const http::Answer& answer);

[[nodiscard]] std::string_view endpoint_of(FactorTask task) noexcept;

}  // namespace landfall::auth
