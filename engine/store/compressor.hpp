#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

union LZ4_stream_u;

namespace landfall::store {

// Makes LZ4 blocks (its block format, without a frame): fast enough that writing less pays for it.
// Keeps the table that it works with, 16 KB that say where in a text something stood and nothing of
// what stood there, so that it need not be cleared for each text. One thread at a time.
class Compressor final {
 public:
  // Writes a block of `text` to the beginning of `block`, and says how long it is. Nothing when it
  // does not fit: `block` has no more room than the text may take. It may hold parts of the text
  // behind the block then, or all over.
  [[nodiscard]] std::optional<std::size_t> compress(std::span<const std::byte> text,
                                                    std::span<std::byte> block);

 private:
  struct Free {
    void operator()(LZ4_stream_u* stream) const noexcept;
  };
  std::unique_ptr<LZ4_stream_u, Free> stream_;  // made at the first use
};

// No byte of a block says more than so many of its text.
inline constexpr std::size_t kBlockRatioMax = 255;

// Fills `text` with what the block holds. False when it holds more, less or nonsense; whatever it
// holds, nothing is read or written beyond the two spans.
[[nodiscard]] bool decompress(std::span<const std::byte> block, std::span<std::byte> text);

}  // namespace landfall::store
