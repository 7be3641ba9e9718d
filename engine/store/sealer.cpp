#include "engine/store/sealer.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"

namespace landfall::store {

namespace {

constexpr std::byte kFormat{1};
constexpr std::size_t kVersionOffset = 1;
constexpr std::size_t kNonceOffset = kVersionOffset + 4;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kCiphertextOffset = kNonceOffset + kNonceBytes;

static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kSecretKeyBytes);
static_assert(kCiphertextOffset + kTagBytes == kSealOverheadBytes);

const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

using LittleEndian = std::array<std::byte, 4>;

LittleEndian little_endian(std::size_t value) {
  LittleEndian bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(value >> (8 * i));
  return bytes;
}

// The place, unambiguously: lengths come first, so that no table and key can be read as another
// pair.
std::vector<std::byte> associated_data(std::string_view place,
                                       std::span<const std::byte> primary_key,
                                       std::uint32_t key_version) {
  const LittleEndian version = little_endian(key_version);
  const LittleEndian place_bytes = little_endian(place.size());
  const LittleEndian key_bytes = little_endian(primary_key.size());
  const auto text = std::as_bytes(std::span(place));
  std::vector<std::byte> data;
  data.reserve(1 + version.size() * 3 + text.size() + primary_key.size());
  data.push_back(kFormat);
  data.insert(data.end(), version.begin(), version.end());
  data.insert(data.end(), place_bytes.begin(), place_bytes.end());
  data.insert(data.end(), text.begin(), text.end());
  data.insert(data.end(), key_bytes.begin(), key_bytes.end());
  data.insert(data.end(), primary_key.begin(), primary_key.end());
  return data;
}

Error broken(std::string_view place, const char* why) {
  return Error{ErrorClass::corrupt, "seal.broken", std::string(place) + ": " + why};
}

}  // namespace

Sealer::Sealer(SecretKey key, std::uint32_t key_version, SecureRandom& random) noexcept
    : key_(std::move(key)), key_version_(key_version), random_(&random) {}

std::vector<std::byte> Sealer::seal(std::string_view place, std::span<const std::byte> primary_key,
                                    std::span<const std::byte> plaintext) {
  const std::vector<std::byte> data = associated_data(place, primary_key, key_version_);
  std::vector<std::byte> sealed(kSealOverheadBytes + plaintext.size());
  sealed[0] = kFormat;
  std::ranges::copy(little_endian(key_version_), sealed.begin() + kVersionOffset);
  const std::span<std::byte> nonce(sealed.data() + kNonceOffset, kNonceBytes);
  if (!mutant::is(mutant::Mutant::reuse_nonce)) random_->fill(nonce);
  unsigned long long written = 0;
  const int code = crypto_aead_xchacha20poly1305_ietf_encrypt(
      raw(sealed.data() + kCiphertextOffset), &written, raw(plaintext.data()), plaintext.size(),
      raw(data.data()), data.size(), nullptr, raw(nonce.data()), raw(key_.reveal().data()));
  LANDFALL_ASSERT(code == 0 && written == plaintext.size() + kTagBytes);
  return sealed;
}

Result<std::vector<std::byte>> Sealer::open(std::string_view place,
                                            std::span<const std::byte> primary_key,
                                            std::span<const std::byte> sealed) const {
  if (sealed.size() < kSealOverheadBytes) return failure(broken(place, "the sealed value is cut"));
  if (sealed[0] != kFormat) return failure(broken(place, "the sealed value has an unknown format"));
  if (!std::ranges::equal(sealed.subspan(kVersionOffset, 4), little_endian(key_version_))) {
    return failure(broken(place, "the value was sealed by another version of the key"));
  }
  const std::vector<std::byte> data = associated_data(place, primary_key, key_version_);
  const auto ciphertext = sealed.subspan(kCiphertextOffset);
  std::vector<std::byte> plaintext(ciphertext.size() - kTagBytes);
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      raw(plaintext.data()), nullptr, nullptr, raw(ciphertext.data()), ciphertext.size(),
      raw(data.data()), data.size(), raw(sealed.data() + kNonceOffset), raw(key_.reveal().data()));
  if (code != 0) return failure(broken(place, "the sealed value was altered or belongs elsewhere"));
  return plaintext;
}

}  // namespace landfall::store
