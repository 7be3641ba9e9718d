#include "engine/attest/ed25519.hpp"

#include <sodium.h>

namespace landfall::attest {
namespace {

static_assert(store::kSecretKeyBytes == crypto_sign_SEEDBYTES);
static_assert(std::tuple_size_v<PublicKey> == crypto_sign_PUBLICKEYBYTES);
static_assert(std::tuple_size_v<Signature> == crypto_sign_BYTES);

unsigned char* raw_out(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Both halves for as long as they are needed.
struct Pair {
  PublicKey open{};
  std::array<std::byte, crypto_sign_SECRETKEYBYTES> secret{};

  explicit Pair(const store::SecretKey& seed) {
    crypto_sign_seed_keypair(raw_out(open), raw_out(secret), raw(seed.reveal()));
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() { sodium_memzero(secret.data(), secret.size()); }
};

}  // namespace

PublicKey public_half(const store::SecretKey& seed) { return Pair(seed).open; }

Signature sign(const store::SecretKey& seed, std::string_view text) {
  const Pair pair(seed);
  Signature signature{};
  crypto_sign_detached(raw_out(signature), nullptr, raw(text), text.size(), raw(pair.secret));
  return signature;
}

bool is_signed(std::string_view text, std::span<const std::byte> signature,
               std::span<const std::byte> key) {
  if (signature.size() != crypto_sign_BYTES || key.size() != crypto_sign_PUBLICKEYBYTES)
    return false;
  return crypto_sign_verify_detached(raw(signature), raw(text), text.size(), raw(key)) == 0;
}

}  // namespace landfall::attest
