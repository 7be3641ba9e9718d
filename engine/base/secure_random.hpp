#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/random.hpp"

namespace landfall {

// The operating system's generator, through libsodium. Any thread.
class LibsodiumRandom final : public SecureRandom {
 public:
  LibsodiumRandom();
  void fill(std::span<std::byte> bytes) override;
};

// A ChaCha20 stream for a simulated world: the same seed draws the same bytes. `position` is what
// was drawn before, in blocks of 64 bytes; the owner carries it across a simulated reboot, so that
// no key and no nonce comes twice.
class SeededSecureRandom final : public SecureRandom {
 public:
  explicit SeededSecureRandom(const std::array<std::byte, 32>& seed, std::uint64_t position = 0);

  void fill(std::span<std::byte> bytes) override;
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  std::array<std::byte, 32> seed_;
  std::uint64_t position_;
};

}  // namespace landfall
