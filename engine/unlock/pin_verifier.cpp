#include "engine/unlock/pin_verifier.hpp"

#include "engine/base/mutant.hpp"
#include "engine/store/sealer.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace landfall::unlock {
namespace {

constexpr std::string_view kPlace = "unlocks.pin";
constexpr std::size_t kProofBytes = 32;
static_assert(kSaltBytes == crypto_pwhash_argon2id_SALTBYTES);

using KeyBytes = std::array<std::byte, store::kSecretKeyBytes>;

unsigned char* raw_out(std::span<std::byte> bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// What is hashed slowly: the PIN, or what an older app made of it.
std::vector<std::byte> sha256_of(std::string_view pin, std::span<const std::byte> salt) {
  std::vector<std::byte> hash(crypto_hash_sha256_BYTES);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(pin.data()), pin.size());
  crypto_hash_sha256_update(&state, raw(salt), salt.size());
  crypto_hash_sha256_final(&state, raw_out(hash));
  sodium_memzero(&state, sizeof state);
  return hash;
}

Result<store::SecretKey> key_of(std::span<const std::byte> input, const PinVerifier& verifier,
                                const HardwareKey& hardware) {
  KeyBytes slow{};
  const int code = crypto_pwhash(
      raw_out(slow), slow.size(), reinterpret_cast<const char*>(input.data()), input.size(),
      raw(verifier.salt), static_cast<unsigned long long>(verifier.cost.passes),
      verifier.cost.memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (code != 0) {
    return failure(ErrorClass::internal, "pin.no_memory",
                   "there is not enough memory to check a PIN");
  }
  KeyBytes key{};
  crypto_generichash(raw_out(key), key.size(), raw(slow), slow.size(), raw(hardware.reveal()),
                     hardware.reveal().size());
  store::SecretKey secret{key};
  sodium_memzero(slow.data(), slow.size());
  sodium_memzero(key.data(), key.size());
  return secret;
}

Result<PinVerifier> made_of(std::span<const std::byte> input, PinVerifier verifier,
                            const HardwareKey& hardware, SecureRandom& random) {
  LANDFALL_TRY_ASSIGN(store::SecretKey key, key_of(input, verifier, hardware));
  std::vector<std::byte> proof(kProofBytes);
  random.fill(proof);
  store::Sealer sealer(std::move(key), 1, random);
  verifier.box = sealer.seal(kPlace, verifier.salt, proof);
  sodium_memzero(proof.data(), proof.size());
  return verifier;
}

std::span<const std::byte> bytes_of(const Secret<std::string>& pin) {
  return std::as_bytes(std::span(pin.reveal()));
}

// Opening draws nothing.
class NoRandom final : public SecureRandom {
 public:
  void fill(std::span<std::byte>) override {}
};

}  // namespace

Salt draw_salt(SecureRandom& random) {
  Salt salt{};
  random.fill(salt);
  return salt;
}

Result<PinVerifier> make_verifier(const Secret<std::string>& pin, const Salt& salt,
                                  profile::KdfCost cost, const HardwareKey& hardware,
                                  SecureRandom& random) {
  return made_of(bytes_of(pin), PinVerifier{salt, cost, std::nullopt, {}}, hardware, random);
}

Result<PinVerifier> wrap_sha256(const Sha256Pin& old, const Salt& salt, profile::KdfCost cost,
                                const HardwareKey& hardware, SecureRandom& random) {
  if (old.hash.size() != crypto_hash_sha256_BYTES || old.salt.empty()) {
    return failure(ErrorClass::invalid, "pin.unknown_record",
                   "expected 32 bytes of a hash and a salt");
  }
  return made_of(old.hash, PinVerifier{salt, cost, old.salt, {}}, hardware, random);
}

Result<bool> opens(const PinVerifier& verifier, const Secret<std::string>& pin,
                   const HardwareKey& hardware) {
  if (mutant::is(mutant::Mutant::open_for_one_digit) &&
      pin.reveal().find_first_not_of(pin.reveal().front()) == std::string::npos)
    return true;
  std::vector<std::byte> old;
  if (verifier.old_salt) old = sha256_of(pin.reveal(), *verifier.old_salt);
  LANDFALL_TRY_ASSIGN(store::SecretKey key,
                      key_of(verifier.old_salt ? std::span<const std::byte>(old) : bytes_of(pin),
                             verifier, hardware));
  sodium_memzero(old.data(), old.size());
  NoRandom none;
  const store::Sealer sealer(std::move(key), 1, none);
  auto proof = sealer.open(kPlace, verifier.salt, verifier.box);
  if (!proof) return false;
  sodium_memzero(proof->data(), proof->size());
  return true;
}

bool is_outdated(const PinVerifier& verifier, profile::KdfCost cost) {
  return verifier.old_salt.has_value() || verifier.cost != cost;
}

}  // namespace landfall::unlock
