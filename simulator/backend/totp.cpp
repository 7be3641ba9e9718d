#include "simulator/backend/totp.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "engine/base/assert.hpp"
#include "engine/profile/template.hpp"

namespace landfall::backend {
namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr int kDigitsMax = 9;

const EVP_MD* digest_of(OtpHash hash) {
  switch (hash) {
    case OtpHash::sha1:
      return EVP_sha1();
    case OtpHash::sha256:
      return EVP_sha256();
    case OtpHash::sha512:
      return EVP_sha512();
  }
  return EVP_sha1();
}

std::string_view name_of(OtpHash hash) {
  switch (hash) {
    case OtpHash::sha1:
      return "SHA1";
    case OtpHash::sha256:
      return "SHA256";
    case OtpHash::sha512:
      return "SHA512";
  }
  return "SHA1";
}

// Dynamic truncation (RFC 4226, section 5.3).
std::uint32_t truncate(const unsigned char* hash, unsigned int bytes) {
  const std::size_t at = hash[bytes - 1] & 0x0fU;
  return (static_cast<std::uint32_t>(hash[at] & 0x7fU) << 24U) |
         (static_cast<std::uint32_t>(hash[at + 1]) << 16U) |
         (static_cast<std::uint32_t>(hash[at + 2]) << 8U) |
         static_cast<std::uint32_t>(hash[at + 3]);
}

bool is_equal(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace

std::string hotp(std::string_view key, std::uint64_t counter, const TotpShape& shape) {
  LANDFALL_ASSERT(shape.digits >= 1 && shape.digits <= kDigitsMax);
  std::array<unsigned char, 8> message{};
  for (std::size_t i = 0; i < message.size(); ++i)
    message[i] = static_cast<unsigned char>(counter >> (56U - 8U * i));
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int bytes = 0;
  const auto* made = HMAC(digest_of(shape.hash), key.data(), static_cast<int>(key.size()),
                          message.data(), message.size(), hash.data(), &bytes);
  LANDFALL_ASSERT(made != nullptr);
  std::uint64_t modulus = 1;
  for (int i = 0; i < shape.digits; ++i) modulus *= 10;
  const std::string digits = std::to_string(truncate(hash.data(), bytes) % modulus);
  return std::string(static_cast<std::size_t>(shape.digits) - digits.size(), '0') + digits;
}

std::int64_t totp_step(Instant at, const TotpShape& shape) {
  return at.unix_ms / 1000 / shape.step_s;
}

std::string totp(std::string_view key, Instant at, const TotpShape& shape) {
  return hotp(key, static_cast<std::uint64_t>(totp_step(at, shape)), shape);
}

std::optional<std::int64_t> find_totp_step(std::string_view key, std::string_view code, Instant now,
                                           const TotpShape& shape) {
  const std::int64_t here = totp_step(now, shape);
  std::optional<std::int64_t> found;
  for (std::int64_t step = here - kTotpWindow; step <= here + kTotpWindow; ++step) {
    if (step >= 0 && is_equal(hotp(key, static_cast<std::uint64_t>(step), shape), code))
      found = step;
  }
  return found;
}

std::string to_base32(std::string_view bytes) {
  std::string text;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8U) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32[(buffer >> (bits - 5)) & 0x1fU];
  }
  if (bits > 0) text += kBase32[(buffer << (5 - bits)) & 0x1fU];
  return text;
}

std::optional<std::string> from_base32(std::string_view text) {
  std::string bytes;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-' || c == '=') continue;
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const std::size_t value = kBase32.find(upper);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 5U) | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((buffer >> bits) & 0xffU);
  }
  return bytes;
}

std::string otpauth_url(std::string_view issuer, std::string_view account, std::string_view key,
                        const TotpShape& shape) {
  const std::string who = profile::percent_encode(issuer);
  return "otpauth://totp/" + who + ":" + profile::percent_encode(account) +
         "?secret=" + to_base32(key) + "&issuer=" + who +
         "&algorithm=" + std::string{name_of(shape.hash)} +
         "&digits=" + std::to_string(shape.digits) + "&period=" + std::to_string(shape.step_s);
}

}  // namespace landfall::backend
