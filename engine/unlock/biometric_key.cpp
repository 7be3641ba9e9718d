#include "engine/unlock/biometric_key.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <sodium.h>

#include "engine/base/base64.hpp"
#include "engine/store/sealer.hpp"

namespace landfall::unlock {
namespace {

constexpr std::string_view kPlace = "unlocks.biometric";
constexpr std::string_view kSealing = "landfall.biometric.seal.1";
constexpr std::string_view kSigning = "landfall.biometric.sign.1";
static_assert(store::kSecretKeyBytes == crypto_sign_SEEDBYTES);

using KeyBytes = std::array<std::byte, store::kSecretKeyBytes>;

unsigned char* raw_out(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A key for one use each, so that what one of them shows says nothing about the other.
KeyBytes derived(const store::SecretKey& key, std::string_view use) {
  KeyBytes bytes{};
  crypto_generichash(raw_out(bytes), bytes.size(), raw(use), use.size(), raw(key.reveal()),
                     key.reveal().size());
  return bytes;
}

store::Sealer sealer_of(const store::SecretKey& key, SecureRandom& random) {
  KeyBytes bytes = derived(key, kSealing);
  store::Sealer sealer(store::SecretKey{bytes}, 1, random);
  sodium_memzero(bytes.data(), bytes.size());
  return sealer;
}

struct KeyPair {
  std::array<std::byte, crypto_sign_PUBLICKEYBYTES> open{};
  std::array<std::byte, crypto_sign_SECRETKEYBYTES> secret{};

  explicit KeyPair(const store::SecretKey& key) {
    KeyBytes seed = derived(key, kSigning);
    crypto_sign_seed_keypair(raw_out(open), raw_out(secret), raw(seed));
    sodium_memzero(seed.data(), seed.size());
  }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;
  ~KeyPair() { sodium_memzero(secret.data(), secret.size()); }
};

// Opening draws nothing.
class NoRandom final : public SecureRandom {
 public:
  void fill(std::span<std::byte>) override {}
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

BiometricKey::BiometricKey(store::SecretKey bytes) : bytes_(std::move(bytes)) {}

BiometricKey BiometricKey::generate(SecureRandom& random) {
  return BiometricKey{store::SecretKey::generate(random)};
}

std::optional<BiometricKey> BiometricKey::from_text(std::string_view base64) {
  auto bytes = from_base64(base64);
  if (!bytes || bytes->size() != store::kSecretKeyBytes) return std::nullopt;
  BiometricKey key{store::SecretKey{
      std::span<const std::byte, store::kSecretKeyBytes>(bytes->data(), bytes->size())}};
  sodium_memzero(bytes->data(), bytes->size());
  return key;
}

Secret<std::string> BiometricKey::text() const {
  return Secret<std::string>{to_base64(bytes_.reveal())};
}

std::string BiometricKey::public_key() const { return to_base64(KeyPair(bytes_).open); }

std::string BiometricKey::sign(std::string_view text) const {
  const KeyPair pair(bytes_);
  std::array<std::byte, crypto_sign_BYTES> signature{};
  crypto_sign_detached(raw_out(signature), nullptr, raw(text), text.size(), raw(pair.secret));
  return to_base64(signature);
}

std::vector<std::byte> BiometricKey::seal(std::string_view user_id,
                                          const Secret<std::string>& token,
                                          SecureRandom& random) const {
  return sealer_of(bytes_, random).seal(kPlace, bytes_of(user_id), bytes_of(token.reveal()));
}

std::optional<Secret<std::string>> BiometricKey::open(std::string_view user_id,
                                                      std::span<const std::byte> box) const {
  NoRandom none;
  auto token = sealer_of(bytes_, none).open(kPlace, bytes_of(user_id), box);
  if (!token) return std::nullopt;
  Secret<std::string> text{
      std::string{reinterpret_cast<const char*>(token->data()), token->size()}};
  sodium_memzero(token->data(), token->size());
  return text;
}

std::string login_statement(std::string_view device_id, std::string_view token, Instant at) {
  return "landfall.biometric.login.1\n" + std::string{device_id} + "\n" + format_rfc3339(at) +
         "\n" + std::string{token};
}

}  // namespace landfall::unlock
