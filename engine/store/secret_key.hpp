#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "engine/base/random.hpp"

namespace landfall::store {

inline constexpr std::size_t kSecretKeyBytes = 32;

// A key in memory that is guarded, not swapped where the system allows that, read-only, and zeroed
// when it goes. It cannot be copied, printed or compared; whoever needs the bytes writes
// `reveal()`.
class SecretKey final {
 public:
  explicit SecretKey(std::span<const std::byte, kSecretKeyBytes> bytes);
  [[nodiscard]] static SecretKey generate(SecureRandom& random);

  [[nodiscard]] std::span<const std::byte, kSecretKeyBytes> reveal() const noexcept;

 private:
  struct Free {
    void operator()(std::byte* bytes) const noexcept;
  };

  std::unique_ptr<std::byte, Free> bytes_;
};

}  // namespace landfall::store
