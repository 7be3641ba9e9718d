#include "engine/base/secure_random.hpp"

#include <sodium.h>

#include "engine/base/assert.hpp"

namespace landfall {

namespace {

constexpr std::size_t kBlockBytes = 64;

static_assert(crypto_stream_chacha20_KEYBYTES == 32);

}  // namespace

LibsodiumRandom::LibsodiumRandom() { LANDFALL_ASSERT(sodium_init() >= 0); }

void LibsodiumRandom::fill(std::span<std::byte> bytes) {
  randombytes_buf(bytes.data(), bytes.size());
}

SeededSecureRandom::SeededSecureRandom(const std::array<std::byte, 32>& seed,
                                       std::uint64_t position)
    : seed_(seed), position_(position) {
  LANDFALL_ASSERT(sodium_init() >= 0);
}

void SeededSecureRandom::fill(std::span<std::byte> bytes) {
  if (bytes.empty()) return;
  constexpr unsigned char kNonce[crypto_stream_chacha20_NONCEBYTES] = {};
  auto* raw = reinterpret_cast<unsigned char*>(bytes.data());
  sodium_memzero(raw, bytes.size());
  const int code =
      crypto_stream_chacha20_xor_ic(raw, raw, bytes.size(), kNonce, position_,
                                    reinterpret_cast<const unsigned char*>(seed_.data()));
  LANDFALL_ASSERT(code == 0);
  // A block that was begun is spent.
  position_ += (bytes.size() + kBlockBytes - 1) / kBlockBytes;
}

}  // namespace landfall
