#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace landfall::backend {

enum class OtpHash { sha1, sha256, sha512 };

// How an authenticator counts and writes. These are what every authenticator app takes.
struct TotpShape {
  OtpHash hash = OtpHash::sha1;
  int digits = 6;
  std::int64_t step_s = 30;
};

// Steps to either side of now whose code is still taken (RFC 6238, section 5.2).
inline constexpr std::int64_t kTotpWindow = 1;

// The code of a counter under a key of bytes (RFC 4226), with its leading zeros; 1 to 9 digits.
[[nodiscard]] std::string hotp(std::string_view key, std::uint64_t counter, const TotpShape& shape);

// Which step an instant lies in, counted from 1970 (RFC 6238).
[[nodiscard]] std::int64_t totp_step(Instant at, const TotpShape& shape);

[[nodiscard]] std::string totp(std::string_view key, Instant at, const TotpShape& shape);

// The step near `now` whose code this is, the latest first; nothing: it is none of theirs. The
// comparison takes as long for a wrong code as for a right one.
[[nodiscard]] std::optional<std::int64_t> find_totp_step(std::string_view key,
                                                         std::string_view code, Instant now,
                                                         const TotpShape& shape);

// RFC 4648, section 6, without padding: what somebody types who cannot scan.
[[nodiscard]] std::string to_base32(std::string_view bytes);
// Blanks, hyphens, padding and case do not matter; nothing for what is no base32.
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

// What the QR code of a set-up says: otpauth://totp/Issuer:account?secret=…
[[nodiscard]] std::string otpauth_url(std::string_view issuer, std::string_view account,
                                      std::string_view key, const TotpShape& shape);

}  // namespace landfall::backend
