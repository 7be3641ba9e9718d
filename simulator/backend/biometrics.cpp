#include "simulator/backend/biometrics.hpp"

#include <cstddef>

#include <sodium.h>

#include "engine/base/base64.hpp"
#include "engine/unlock/biometric_key.hpp"
#include "simulator/backend/accounts.hpp"

namespace landfall::backend {
namespace {

constexpr std::size_t kTokenBytes = 32;
// Phones have wrong clocks; a statement of another day is an old one.
constexpr Duration kStatementAge{24LL * 3'600'000};

const unsigned char* raw(const std::vector<std::byte>& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool is_signed(const BiometricLogin& login, std::string_view public_key, Instant now) {
  const auto key = from_base64(public_key);
  const auto signature = from_base64(login.signature);
  const auto at = parse_rfc3339(login.signed_at);
  if (!key || !signature || signature->size() != crypto_sign_BYTES || !at) return false;
  const Duration apart = now - *at;
  if (apart > kStatementAge || apart < -kStatementAge) return false;
  const std::string text = unlock::login_statement(login.device_id, login.token, *at);
  return crypto_sign_verify_detached(raw(*signature),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size(), raw(*key)) == 0;
}

}  // namespace

std::optional<std::string> Biometrics::enrol(std::string_view user_id, std::string_view device_id,
                                             std::string_view public_key, Instant now) {
  const auto key = from_base64(public_key);
  if (!key || key->size() != crypto_sign_PUBLICKEYBYTES) return std::nullopt;
  std::string token = random_hex(random_, kTokenBytes);
  Query(database_,
        "INSERT INTO biometrics (user_id, device_id, token, public_key, expires_at) VALUES "
        "(?,?,?,?,?) ON CONFLICT (user_id, device_id) DO UPDATE SET token = excluded.token,"
        " public_key = excluded.public_key, expires_at = excluded.expires_at",
        user_id, device_id, token, public_key, (now + kBiometricLifetime).unix_ms)
      .run();
  return token;
}

Biometrics::Verdict Biometrics::judge(const BiometricLogin& login, Instant now) {
  Query row(database_,
            "SELECT user_id, device_id, public_key, expires_at FROM biometrics WHERE token = ?",
            login.token);
  if (!row.step()) return {"", "biometric_unknown"};
  if (row.text(1) != login.device_id) return {"", "biometric_device"};
  if (Instant{row.integer(3)} <= now) return {"", "biometric_expired"};
  if (!is_signed(login, row.text(2), now)) return {"", "biometric_signature"};
  return {row.text(0), ""};
}

}  // namespace landfall::backend
