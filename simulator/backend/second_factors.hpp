#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "simulator/backend/accounts.hpp"
#include "simulator/backend/database.hpp"
#include "simulator/backend/totp.hpp"

namespace landfall::backend {

inline constexpr std::size_t kBackupCodes = 10;
// Wrong codes in a row, over all challenges, and how long no code is looked at then: a password
// that leaked must not leave its thief as many challenges as they like.
inline constexpr std::int64_t kFactorFailuresMax = 10;
inline constexpr Duration kFactorLock{15LL * 60'000};

// What a user's second factor is: the secret that an authenticator shares, ten backup
// codes for the day that it is lost, and the number that text messages go to. A secret counts from
// the first right code on. Backup codes are told once and stored hashed.
class SecondFactors final {
 public:
  SecondFactors(BackendDatabase& database, SecureRandom& random)
      : database_(database), random_(random) {}

  [[nodiscard]] bool is_enabled(std::string_view user_id);
  // Empty: no message can be sent.
  [[nodiscard]] std::string phone_number(std::string_view user_id);

  struct SetUp {
    std::string url;         // otpauth://, for a QR code
    std::string manual_key;  // base32, for whoever cannot scan it
  };
  // A new secret that waits for its first code, in place of one that waited. Nothing: the factor is
  // on, and has to be disabled first.
  [[nodiscard]] std::optional<SetUp> set_up(const User& user, const std::string& phone_number);

  enum class Verdict { right, wrong, used };
  // The first code of the secret that waits; right: the factor is on.
  [[nodiscard]] Verdict enable(std::string_view user_id, std::string_view code, Instant now);
  // A code is right once (RFC 6238, section 5.2): its step and those before it are over then.
  [[nodiscard]] Verdict judge_totp(std::string_view user_id, std::string_view code, Instant now);
  [[nodiscard]] Verdict judge_backup_code(std::string_view user_id, std::string_view code,
                                          Instant now);
  // Ten new ones in place of all before them.
  [[nodiscard]] std::vector<std::string> renew_backup_codes(std::string_view user_id);
  void disable(std::string_view user_id);

  [[nodiscard]] bool is_locked(std::string_view user_id, Instant now);
  void note(std::string_view user_id, bool was_right, Instant now);

 private:
  [[nodiscard]] std::optional<std::string> secret(std::string_view user_id, bool waiting);
  void forget_backup_codes(std::string_view user_id);

  BackendDatabase& database_;
  SecureRandom& random_;
};

}  // namespace landfall::backend
