#include "simulator/backend/totp.hpp"

#include <array>

#include <catch2/catch.hpp>

namespace landfall::backend {
namespace {

// The seeds of RFC 6238, appendix B: the same digits, as long as the hash.
std::string seed_of(OtpHash hash) {
  const std::string ten = "1234567890";
  std::string seed;
  const std::size_t bytes = hash == OtpHash::sha1 ? 20 : hash == OtpHash::sha256 ? 32 : 64;
  while (seed.size() < bytes) seed += ten;
  return seed.substr(0, bytes);
}

Instant at_second(std::int64_t second) { return Instant{second * 1000}; }

TEST_CASE("A-26: the codes of RFC 4226, appendix D") {
  const std::array<const char*, 10> expected{"755224", "287082", "359152", "969429", "338314",
                                             "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t counter = 0; counter < expected.size(); ++counter)
    CHECK(hotp(seed_of(OtpHash::sha1), counter, {}) == expected[counter]);
}

TEST_CASE("A-26: the codes of RFC 6238, appendix B, for all three hashes") {
  struct Vector {
    std::int64_t second;
    const char* sha1;
    const char* sha256;
    const char* sha512;
  };
  const std::array<Vector, 6> vectors{{
      {59, "94287082", "46119246", "90693936"},
      {1'111'111'109, "07081804", "68084774", "25091201"},
      {1'111'111'111, "14050471", "67062674", "99943326"},
      {1'234'567'890, "89005924", "91819424", "93441116"},
      {2'000'000'000, "69279037", "90698825", "38618901"},
      {20'000'000'000, "65353130", "77737706", "47863826"},
  }};
  for (const auto& [second, sha1, sha256, sha512] : vectors) {
    CAPTURE(second);
    const auto code = [at = at_second(second)](OtpHash hash) {
      return totp(seed_of(hash), at, TotpShape{hash, 8, 30});
    };
    CHECK(code(OtpHash::sha1) == sha1);
    CHECK(code(OtpHash::sha256) == sha256);
    CHECK(code(OtpHash::sha512) == sha512);
  }
}

TEST_CASE("A-27: a code is known one step early and one step late, and not two") {
  const std::string key = seed_of(OtpHash::sha1);
  const Instant now = at_second(1'234'567'890);
  const std::int64_t step = totp_step(now, {});
  for (std::int64_t away = -3; away <= 3; ++away) {
    CAPTURE(away);
    const std::string code = hotp(key, static_cast<std::uint64_t>(step + away), {});
    const auto found = find_totp_step(key, code, now, {});
    CHECK(found.has_value() == (away >= -kTotpWindow && away <= kTotpWindow));
    if (found) CHECK(*found == step + away);
  }
  CHECK_FALSE(find_totp_step(key, "", now, {}));
  CHECK_FALSE(find_totp_step(key, "12345", now, {}));
  // In the first half minute of 1970 there is no step before.
  CHECK(find_totp_step(key, "755224", at_second(0), {}) == 0);
}

TEST_CASE("RFC 4648, section 10: base32 without padding, and what somebody makes of it") {
  const std::array<std::pair<const char*, const char*>, 7> pairs{{{"", ""},
                                                                  {"f", "MY"},
                                                                  {"fo", "MZXQ"},
                                                                  {"foo", "MZXW6"},
                                                                  {"foob", "MZXW6YQ"},
                                                                  {"fooba", "MZXW6YTB"},
                                                                  {"foobar", "MZXW6YTBOI"}}};
  for (const auto& [bytes, text] : pairs) {
    CHECK(to_base32(bytes) == text);
    CHECK(from_base32(text) == std::string{bytes});
  }
  CHECK(from_base32("mzxw 6ytb-oi======") == std::string{"foobar"});
  CHECK_FALSE(from_base32("MZXW0"));
  CHECK_FALSE(from_base32("MZXW!"));
}

TEST_CASE("A-26: the URL behind the QR code names issuer, account, secret and shape") {
  CHECK(otpauth_url("Landfall", "asha@prokure.example", "foobar", {}) ==
        "otpauth://totp/Landfall:asha%40prokure.example?secret=MZXW6YTBOI&issuer=Landfall"
        "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace landfall::backend
