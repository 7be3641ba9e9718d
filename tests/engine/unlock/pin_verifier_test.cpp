#include "engine/unlock/pin_verifier.hpp"

#include <sodium.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <string>

#include "engine/base/secure_random.hpp"

using namespace landfall;
using namespace landfall::unlock;

namespace {

// The least that libsodium takes; what it costs says nothing about what it promises.
constexpr profile::KdfCost kCheap{8, 1};

HardwareKey hardware(unsigned char fill) {
  std::array<std::byte, store::kSecretKeyBytes> bytes{};
  bytes.fill(std::byte{fill});
  return HardwareKey{bytes};
}

Secret<std::string> pin(std::string digits) { return Secret<std::string>{std::move(digits)}; }

Sha256Pin old_record(const std::string& digits) {
  Sha256Pin old;
  old.salt.assign(16, std::byte{7});
  std::string text = digits;
  for (const auto byte : old.salt) text.push_back(static_cast<char>(byte));
  old.hash.resize(crypto_hash_sha256_BYTES);
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(old.hash.data()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return old;
}

struct Desk {
  SeededSecureRandom random{std::array<std::byte, 32>{}};
  Salt salt = draw_salt(random);
};

}  // namespace

TEST_CASE("the right PIN opens its verifier, with the same hardware and no other (C-3)") {
  Desk desk;
  const auto verifier = make_verifier(pin("481629"), desk.salt, kCheap, hardware(1), desk.random);
  REQUIRE(verifier);
  CHECK(opens(*verifier, pin("481629"), hardware(1)).value());
  CHECK_FALSE(opens(*verifier, pin("481628"), hardware(1)).value());
  CHECK_FALSE(opens(*verifier, pin(""), hardware(1)).value());
  CHECK_FALSE(opens(*verifier, pin("481629"), hardware(2)).value());
  PinVerifier moved = *verifier;
  moved.salt = draw_salt(desk.random);
  CHECK_FALSE(opens(moved, pin("481629"), hardware(1)).value());
}

TEST_CASE("a verifier keeps the cost that it was made with, and says when it is outdated (C-3)") {
  Desk desk;
  const profile::KdfCost dearer{16, 2};
  const auto verifier = make_verifier(pin("481629"), desk.salt, kCheap, hardware(1), desk.random);
  REQUIRE(verifier);
  CHECK(verifier->cost == kCheap);
  CHECK_FALSE(is_outdated(*verifier, kCheap));
  CHECK(is_outdated(*verifier, dearer));
  PinVerifier lied = *verifier;
  lied.cost = dearer;
  CHECK_FALSE(opens(lied, pin("481629"), hardware(1)).value());
}

TEST_CASE("an older app's SHA-256 is wrapped without its PIN, and the PIN opens it (P-23, A-53)") {
  Desk desk;
  const auto wrapped = wrap_sha256(old_record("2468"), desk.salt, kCheap, hardware(1), desk.random);
  REQUIRE(wrapped);
  CHECK(opens(*wrapped, pin("2468"), hardware(1)).value());
  CHECK_FALSE(opens(*wrapped, pin("2469"), hardware(1)).value());
  CHECK_FALSE(opens(*wrapped, pin("2468"), hardware(2)).value());
  CHECK(is_outdated(*wrapped, kCheap));
  // The old hash itself is in none of its parts.
  const auto old = old_record("2468");
  CHECK(std::search(wrapped->box.begin(), wrapped->box.end(), old.hash.begin(), old.hash.end()) ==
        wrapped->box.end());
}

TEST_CASE("a record of an older app that cannot be one is refused") {
  Desk desk;
  Sha256Pin wrong = old_record("2468");
  wrong.hash.pop_back();
  const auto wrapped = wrap_sha256(wrong, desk.salt, kCheap, hardware(1), desk.random);
  REQUIRE_FALSE(wrapped);
  CHECK(wrapped.error().code == "pin.unknown_record");
}
