#include "engine/store/sealer.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/mutant.hpp"
#include "engine/store/compressor.hpp"

namespace landfall::store {

namespace {

constexpr std::byte kPlain{1};
constexpr std::byte kCompressed{2};
constexpr std::size_t kVersionOffset = 1;
constexpr std::size_t kNonceOffset = kVersionOffset + 4;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kCiphertextOffset = kNonceOffset + kNonceBytes;
constexpr std::size_t kLengthBytes = 4;  // of a compressed plaintext, before its block
constexpr std::size_t kSavedPart = 16;   // what is saved is one of so many parts, or more

static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kSecretKeyBytes);
static_assert(kCiphertextOffset + kTagBytes == kSealOverheadBytes);
static_assert(kCompressedBytesMax <= UINT32_MAX);

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

std::size_t read_little_endian(std::span<const std::byte, 4> bytes) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value |= std::to_integer<std::size_t>(bytes[i]) << (8 * i);
  return value;
}

// The place, unambiguously: lengths come first, so that no table and key can be read as another
// pair.
std::vector<std::byte> associated_data(std::string_view place,
                                       std::span<const std::byte> primary_key,
                                       std::uint32_t key_version, std::byte format) {
  const LittleEndian version = little_endian(key_version);
  const LittleEndian place_bytes = little_endian(place.size());
  const LittleEndian key_bytes = little_endian(primary_key.size());
  const auto text = std::as_bytes(std::span(place));
  std::vector<std::byte> data;
  data.reserve(1 + version.size() * 3 + text.size() + primary_key.size());
  data.push_back(format);
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

// The plaintext of a compressed content, which whoever has the key wrote. What it says of its
// length is checked all the same before there is memory for it.
Result<std::vector<std::byte>> expand(std::string_view place, std::span<const std::byte> content) {
  if (content.size() < kLengthBytes) return failure(broken(place, "the compressed value is cut"));
  const std::size_t length = read_little_endian(content.first<kLengthBytes>());
  const auto block = content.subspan(kLengthBytes);
  if (length > kCompressedBytesMax || length / kBlockRatioMax > block.size())
    return failure(broken(place, "the compressed value names a length that it cannot have"));
  std::vector<std::byte> plaintext(length);
  if (!decompress(block, plaintext))
    return failure(broken(place, "the compressed value is not what it says"));
  return plaintext;
}

}  // namespace

Sealer::Sealer(SecretKey key, std::uint32_t key_version, SecureRandom& random) noexcept
    : key_(std::move(key)), key_version_(key_version), random_(&random) {}

// `envelope` has room for exactly that. `content` may stand where its ciphertext will.
void Sealer::encrypt(std::string_view place, std::span<const std::byte> primary_key,
                     std::span<const std::byte> content, std::byte format,
                     std::span<std::byte> envelope) {
  LANDFALL_ASSERT(envelope.size() == kSealOverheadBytes + content.size());
  const std::vector<std::byte> data = associated_data(place, primary_key, key_version_, format);
  envelope[0] = format;
  std::ranges::copy(little_endian(key_version_), envelope.begin() + kVersionOffset);
  const std::span<std::byte> nonce = envelope.subspan(kNonceOffset, kNonceBytes);
  if (!mutant::is(mutant::Mutant::reuse_nonce)) random_->fill(nonce);
  unsigned long long written = 0;
  const int code = crypto_aead_xchacha20poly1305_ietf_encrypt(
      raw(envelope.data() + kCiphertextOffset), &written, raw(content.data()), content.size(),
      raw(data.data()), data.size(), nullptr, raw(nonce.data()), raw(key_.reveal().data()));
  LANDFALL_ASSERT(code == 0 && written == content.size() + kTagBytes);
}

std::vector<std::byte> Sealer::seal(std::string_view place, std::span<const std::byte> primary_key,
                                    std::span<const std::byte> plaintext) {
  std::vector<std::byte> sealed(kSealOverheadBytes + plaintext.size());
  encrypt(place, primary_key, plaintext, kPlain, sealed);
  return sealed;
}

std::vector<std::byte> Sealer::seal_compressed(std::string_view place,
                                               std::span<const std::byte> primary_key,
                                               std::span<const std::byte> plaintext,
                                               Compressor& compressor) {
  const bool is_worth_it =
      plaintext.size() >= kCompressedBytesMin && plaintext.size() <= kCompressedBytesMax;
  if (!is_worth_it) return seal(place, primary_key, plaintext);
  const std::size_t content_bytes_max = plaintext.size() - plaintext.size() / kSavedPart;
  std::vector<std::byte> sealed(kSealOverheadBytes + content_bytes_max);
  const auto content = std::span(sealed).subspan(kCiphertextOffset, content_bytes_max);
  const auto block = compressor.compress(plaintext, content.subspan(kLengthBytes));
  if (!block) {
    sodium_memzero(content.data(), content.size());
    return seal(place, primary_key, plaintext);
  }
  std::ranges::copy(little_endian(plaintext.size()), content.begin());
  const std::size_t content_bytes = kLengthBytes + *block;
  sodium_memzero(content.data() + content_bytes, content_bytes_max - content_bytes);
  sealed.resize(kSealOverheadBytes + content_bytes);
  encrypt(place, primary_key, content.first(content_bytes), kCompressed, sealed);
  return sealed;
}

Result<std::vector<std::byte>> Sealer::open(std::string_view place,
                                            std::span<const std::byte> primary_key,
                                            std::span<const std::byte> sealed) const {
  if (sealed.size() < kSealOverheadBytes) return failure(broken(place, "the sealed value is cut"));
  const std::byte format = sealed[0];
  if (format != kPlain && format != kCompressed)
    return failure(broken(place, "the sealed value has an unknown format"));
  if (!std::ranges::equal(sealed.subspan(kVersionOffset, 4), little_endian(key_version_))) {
    return failure(broken(place, "the value was sealed by another version of the key"));
  }
  const std::vector<std::byte> data = associated_data(place, primary_key, key_version_, format);
  const auto ciphertext = sealed.subspan(kCiphertextOffset);
  std::vector<std::byte> content(ciphertext.size() - kTagBytes);
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      raw(content.data()), nullptr, nullptr, raw(ciphertext.data()), ciphertext.size(),
      raw(data.data()), data.size(), raw(sealed.data() + kNonceOffset), raw(key_.reveal().data()));
  if (code != 0) return failure(broken(place, "the sealed value was altered or belongs elsewhere"));
  if (format == kPlain) return content;
  auto plaintext = expand(place, content);
  sodium_memzero(content.data(), content.size());
  return plaintext;
}

}  // namespace landfall::store
