#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/database.hpp"
#include "simulator/backend/options.hpp"

namespace landfall::backend {

inline constexpr std::int64_t kChallengeAttemptsMax = 5;

// Logins whose password was right and whose second factor is awaited. A challenge is bound
// to the device that logged in; a device has one a user, and a new login ends the one before. It
// ends with a right code, with the fifth wrong one, or in time.
class LoginChallenges final {
 public:
  LoginChallenges(BackendDatabase& database, SecureRandom& random, const BackendOptions& options)
      : database_(database), random_(random), options_(options) {}

  // Its token.
  [[nodiscard]] std::string open(std::string_view user_id, std::string_view device_id, Instant now);
  // Whose it is; nothing: it is none of ours, over, or another device's.
  [[nodiscard]] std::optional<std::string> find(std::string_view token, std::string_view device_id,
                                                Instant now);
  // One more wrong code; how many may follow. The last ends it.
  [[nodiscard]] std::int64_t note_wrong(std::string_view token);
  void close(std::string_view token);

 private:
  BackendDatabase& database_;
  SecureRandom& random_;
  const BackendOptions& options_;
};

}  // namespace landfall::backend
