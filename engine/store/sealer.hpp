#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/store/secret_key.hpp"

namespace landfall::store {

// What a sealed value is longer than its plaintext: format, key version, nonce, tag.
inline constexpr std::size_t kSealOverheadBytes = 1 + 4 + 24 + 16;

// Encrypts what a column holds with XChaCha20-Poly1305, bound to its place: the table (with the
// column when a row has more than one sealed column: "operations.payload"), the row's primary key,
// the key's version and the format. A value that was moved to another row, column or table, or
// sealed by another key, does not open (INV-X3).
//
// An envelope is format (1 byte), key version (4, little endian), nonce (24), ciphertext, tag (16).
// Nonces are drawn from `random`, which outlives the sealer. Not for use by two threads at once
// when `random` is not.
class Sealer final {
 public:
  Sealer(SecretKey key, std::uint32_t key_version, SecureRandom& random) noexcept;

  [[nodiscard]] std::vector<std::byte> seal(std::string_view place,
                                            std::span<const std::byte> primary_key,
                                            std::span<const std::byte> plaintext);
  // seal.broken (corrupt): altered, moved, cut, or sealed by another key.
  [[nodiscard]] Result<std::vector<std::byte>> open(std::string_view place,
                                                    std::span<const std::byte> primary_key,
                                                    std::span<const std::byte> sealed) const;

  [[nodiscard]] std::uint32_t key_version() const noexcept { return key_version_; }

 private:
  SecretKey key_;
  std::uint32_t key_version_;
  SecureRandom* random_;
};

}  // namespace landfall::store
