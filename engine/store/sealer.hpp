#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/result.hpp"
#include "engine/store/secret_key.hpp"
#include "schema/limits.hpp"

namespace landfall::store {

// What a sealed value is longer than its plaintext, if that is not compressed: format, key version,
// nonce, tag.
inline constexpr std::size_t kSealOverheadBytes = 1 + 4 + 24 + 16;

// A shorter plaintext is never compressed: it has too little to repeat. Nor is one that is longer
// than what any row holds, so that this is also all the memory that opening one can take.
inline constexpr std::size_t kCompressedBytesMin = 128;
inline constexpr std::size_t kCompressedBytesMax = limits::kConflictBytesMax;

class Compressor;

// Encrypts what a column holds with XChaCha20-Poly1305, bound to its place: the table (with the
// column when a row has more than one sealed column: "operations.payload"), the row's primary key,
// the key's version and the format. A value that was moved to another row, column or table, or
// sealed by another key, does not open (INV-X3).
//
// An envelope is format (1 byte), key version (4, little endian), nonce (24), ciphertext, tag (16).
// What is encrypted is the plaintext (format 1), or its length (4, little endian) and an LZ4 block
// of it (format 2). How long a sealed value is says how long its plaintext is, and of a compressed
// one how much of that repeats: secrets (keys, tokens, proofs) are never compressed. Nonces are
// drawn from `random`, which outlives the sealer. Not for use by two threads at once when `random`
// is not.
class Sealer final {
 public:
  Sealer(SecretKey key, std::uint32_t key_version, SecureRandom& random) noexcept;

  [[nodiscard]] std::vector<std::byte> seal(std::string_view place,
                                            std::span<const std::byte> primary_key,
                                            std::span<const std::byte> plaintext);
  // The same, compressed if that saves a sixteenth of it or more. For texts of documents and
  // operations; longer ones than kCompressedBytesMax stay as they are.
  [[nodiscard]] std::vector<std::byte> seal_compressed(std::string_view place,
                                                       std::span<const std::byte> primary_key,
                                                       std::span<const std::byte> plaintext,
                                                       Compressor& compressor);
  // The plaintext, of either way to seal. seal.broken (corrupt): altered, moved, cut, sealed by
  // another key, or of a length that its block does not have.
  [[nodiscard]] Result<std::vector<std::byte>> open(std::string_view place,
                                                    std::span<const std::byte> primary_key,
                                                    std::span<const std::byte> sealed) const;

  [[nodiscard]] std::uint32_t key_version() const noexcept { return key_version_; }

 private:
  void encrypt(std::string_view place, std::span<const std::byte> primary_key,
               std::span<const std::byte> content, std::byte format, std::span<std::byte> envelope);

  SecretKey key_;
  std::uint32_t key_version_;
  SecureRandom* random_;
};

}  // namespace landfall::store
