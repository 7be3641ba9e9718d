#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>

namespace landfall {

// Seeded and replayable: schedules, jitter, simulated faults. Never keys, nonces or ids that must
// be unguessable. std::mt19937_64 is fixed by the standard, so the same seed draws the same values
// under every compiler; the standard distributions are not, and are not used.
class Random final {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // A stream of its own for one concern, so that drawing more in one does not reshuffle another.
  [[nodiscard]] static Random stream(std::uint64_t seed, std::string_view concern);

  [[nodiscard]] std::uint64_t next() { return engine_(); }
  // Uniform in [0, bound); bound must be positive.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  // Uniform in [low, high], both included.
  [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high);
  // True with the given probability; 0 never and 1 always.
  [[nodiscard]] bool chance(double probability);
  // Uniform in [0, 1).
  [[nodiscard]] double unit();

 private:
  std::mt19937_64 engine_;
};

// Keys, nonces, salts and request ids. libsodium's generator on a device; a seeded ChaCha20 stream
// in a simulated world, which never repeats across reboots.
class SecureRandom {
 public:
  virtual ~SecureRandom() = default;
  virtual void fill(std::span<std::byte> bytes) = 0;
};

}  // namespace landfall
