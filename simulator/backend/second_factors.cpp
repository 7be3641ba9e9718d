#include "simulator/backend/second_factors.hpp"

#include <array>
#include <cstddef>

namespace landfall::backend {
namespace {

constexpr std::size_t kSecretBytes = 20;  // RFC 4226, section 4
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kBackupCodeBytes = 5;  // eight letters of base32
constexpr std::size_t kBackupCodeHalf = 4;
constexpr const char* kIssuer = "Landfall";
constexpr TotpShape kShape;

std::string draw(SecureRandom& random, std::size_t bytes) {
  std::vector<std::byte> drawn(bytes);
  random.fill(drawn);
  return {reinterpret_cast<const char*>(drawn.data()), drawn.size()};
}

// Hyphens, blanks and case are how somebody wrote it down.
std::string plain(std::string_view code) {
  std::string text;
  for (const char c : code) {
    if (c == '-' || c == ' ') continue;
    text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

}  // namespace

bool SecondFactors::is_enabled(std::string_view user_id) {
  Query row(database_, "SELECT 1 FROM second_factors WHERE user_id = ? AND secret IS NOT NULL",
            user_id);
  return row.step();
}

std::string SecondFactors::phone_number(std::string_view user_id) {
  Query row(database_, "SELECT phone_number FROM second_factors WHERE user_id = ?", user_id);
  return row.step() ? row.text(0) : std::string{};
}

std::optional<SecondFactors::SetUp> SecondFactors::set_up(const User& user,
                                                          const std::string& phone_number) {
  if (is_enabled(user.id)) return std::nullopt;
  const std::string key = draw(random_, kSecretBytes);
  Query(database_,
        "INSERT INTO second_factors (user_id, waiting, phone_number) VALUES (?,?,?)"
        " ON CONFLICT (user_id) DO UPDATE SET waiting = excluded.waiting,"
        " phone_number = excluded.phone_number",
        user.id, to_base32(key), phone_number)
      .run();
  return SetUp{otpauth_url(kIssuer, user.email, key, kShape), to_base32(key)};
}

std::optional<std::string> SecondFactors::secret(std::string_view user_id, bool waiting) {
  Query row(database_, "SELECT secret, waiting FROM second_factors WHERE user_id = ?", user_id);
  if (!row.step()) return std::nullopt;
  const auto text = row.optional_text(waiting ? 1 : 0);
  return text ? from_base32(*text) : std::nullopt;
}

SecondFactors::Verdict SecondFactors::enable(std::string_view user_id, std::string_view code,
                                             Instant now) {
  const auto key = secret(user_id, true);
  const auto step = key ? find_totp_step(*key, code, now, kShape) : std::nullopt;
  if (!step) return Verdict::wrong;
  Query(database_,
        "UPDATE second_factors SET secret = waiting, waiting = NULL, last_step = ?2 WHERE"
        " user_id = ?1",
        user_id, *step)
      .run();
  return Verdict::right;
}

SecondFactors::Verdict SecondFactors::judge_totp(std::string_view user_id, std::string_view code,
                                                 Instant now) {
  const auto key = secret(user_id, false);
  const auto step = key ? find_totp_step(*key, code, now, kShape) : std::nullopt;
  if (!step) return Verdict::wrong;
  const int taken = Query(database_,
                          "UPDATE second_factors SET last_step = ?2 WHERE user_id = ?1 AND"
                          " last_step < ?2",
                          user_id, *step)
                        .run();
  return taken == 1 ? Verdict::right : Verdict::used;
}

SecondFactors::Verdict SecondFactors::judge_backup_code(std::string_view user_id,
                                                        std::string_view code, Instant now) {
  std::string hash;
  bool is_used = false;
  {
    Query rows(database_, "SELECT salt, hash, used_at FROM backup_codes WHERE user_id = ?",
               user_id);
    while (hash.empty() && rows.step()) {
      if (hash_password(plain(code), rows.text(0)) != rows.text(1)) continue;
      hash = rows.text(1);
      is_used = !rows.is_null(2);
    }
  }
  if (hash.empty()) return Verdict::wrong;
  if (is_used) return Verdict::used;
  Query(database_, "UPDATE backup_codes SET used_at = ?3 WHERE user_id = ?1 AND hash = ?2", user_id,
        hash, now.unix_ms)
      .run();
  return Verdict::right;
}

std::vector<std::string> SecondFactors::renew_backup_codes(std::string_view user_id) {
  forget_backup_codes(user_id);
  std::vector<std::string> codes;
  while (codes.size() < kBackupCodes) {
    std::string code = plain(to_base32(draw(random_, kBackupCodeBytes)));
    const std::string salt = random_hex(random_, kSaltBytes);
    Query(database_, "INSERT INTO backup_codes (user_id, salt, hash) VALUES (?,?,?)", user_id, salt,
          hash_password(code, salt))
        .run();
    code.insert(kBackupCodeHalf, "-");
    codes.push_back(std::move(code));
  }
  return codes;
}

void SecondFactors::forget_backup_codes(std::string_view user_id) {
  Query(database_, "DELETE FROM backup_codes WHERE user_id = ?", user_id).run();
}

void SecondFactors::disable(std::string_view user_id) {
  forget_backup_codes(user_id);
  Query(database_, "DELETE FROM second_factors WHERE user_id = ?", user_id).run();
}

bool SecondFactors::is_locked(std::string_view user_id, Instant now) {
  Query row(database_, "SELECT locked_until FROM second_factors WHERE user_id = ?", user_id);
  return row.step() && Instant{row.integer(0)} > now;
}

// The last failure begins the lock, and the count anew.
void SecondFactors::note(std::string_view user_id, bool was_right, Instant now) {
  if (was_right) {
    Query(database_, "UPDATE second_factors SET failures = 0 WHERE user_id = ?", user_id).run();
    return;
  }
  Query(database_,
        "UPDATE second_factors SET"
        " locked_until = CASE WHEN failures + 1 >= ?2 THEN ?3 ELSE locked_until END,"
        " failures = CASE WHEN failures + 1 >= ?2 THEN 0 ELSE failures + 1 END WHERE user_id = ?1",
        user_id, kFactorFailuresMax, (now + kFactorLock).unix_ms)
      .run();
}

}  // namespace landfall::backend
