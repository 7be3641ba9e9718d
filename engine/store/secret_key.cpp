#include "engine/store/secret_key.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "engine/base/assert.hpp"

namespace landfall::store {

SecretKey::SecretKey(std::span<const std::byte, kSecretKeyBytes> bytes) {
  LANDFALL_ASSERT(sodium_init() >= 0);
  bytes_.reset(static_cast<std::byte*>(sodium_malloc(kSecretKeyBytes)));
  LANDFALL_ASSERT(bytes_ != nullptr);
  std::ranges::copy(bytes, bytes_.get());
  sodium_mprotect_readonly(bytes_.get());
}

SecretKey SecretKey::generate(SecureRandom& random) {
  std::array<std::byte, kSecretKeyBytes> bytes;
  random.fill(bytes);
  SecretKey key(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

std::span<const std::byte, kSecretKeyBytes> SecretKey::reveal() const noexcept {
  return std::span<const std::byte, kSecretKeyBytes>(bytes_.get(), kSecretKeyBytes);
}

// sodium_free overwrites what it releases.
void SecretKey::Free::operator()(std::byte* bytes) const noexcept { sodium_free(bytes); }

}  // namespace landfall::store
