#include "engine/attest/ed25519.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <sodium.h>
#include <catch2/catch.hpp>

using namespace landfall;

namespace {

std::vector<std::byte> bytes_of(std::string_view hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  if (hex.empty()) return bytes;
  REQUIRE(sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), hex.data(),
                         hex.size(), nullptr, nullptr, nullptr) == 0);
  return bytes;
}

std::string text_of(std::string_view hex) {
  const auto bytes = bytes_of(hex);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Bytes>
bool is(const Bytes& bytes, std::string_view hex) {
  const auto expected = bytes_of(hex);
  return std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end());
}

store::SecretKey seed_of(std::string_view hex) {
  const auto bytes = bytes_of(hex);
  return store::SecretKey{
      std::span<const std::byte, store::kSecretKeyBytes>(bytes.data(), bytes.size())};
}

struct Vector {
  const char* seed;
  const char* key;
  const char* text;
  const char* signature;
};

// RFC 8032, section 7.1, tests 1 to 3.
constexpr std::array<Vector, 3> kVectors{{
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6594a7c15e9716ed28dc027beceea1ec40a"},
}};

}  // namespace

TEST_CASE("Ed25519 says what RFC 8032 says (C-25)") {
  for (const Vector& vector : kVectors) {
    INFO(vector.key);
    const auto seed = seed_of(vector.seed);
    const std::string text = text_of(vector.text);
    CHECK(is(attest::public_half(seed), vector.key));
    CHECK(is(attest::sign(seed, text), vector.signature));
    CHECK(attest::is_signed(text, bytes_of(vector.signature), bytes_of(vector.key)));
  }
}

TEST_CASE("a signature of other words, of another key or cut short is none (C-25)") {
  const auto& [seed, key, text, signature] = kVectors[2];
  CHECK_FALSE(attest::is_signed("other", bytes_of(signature), bytes_of(key)));
  CHECK_FALSE(attest::is_signed(text_of(text), bytes_of(signature), bytes_of(kVectors[1].key)));
  auto cut = bytes_of(signature);
  cut.pop_back();
  CHECK_FALSE(attest::is_signed(text_of(text), cut, bytes_of(key)));
  CHECK_FALSE(attest::is_signed(text_of(text), bytes_of(signature), {}));
  // Of small order: every text would be signed by it.
  const std::vector<std::byte> zero(32);
  CHECK_FALSE(attest::is_signed("", std::vector<std::byte>(64), zero));
}
