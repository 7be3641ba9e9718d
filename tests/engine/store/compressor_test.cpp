#include "engine/store/compressor.hpp"

#include <rapidcheck.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/random.hpp"

using namespace landfall;
using namespace landfall::store;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes noise(Random& random, std::size_t bytes) {
  Bytes drawn(bytes);
  for (std::byte& byte : drawn) byte = static_cast<std::byte>(random.next());
  return drawn;
}

// Noise with pieces of itself repeated, so that there is something to find at any distance.
Bytes text_with_echoes(Random& random) {
  Bytes text = noise(random, random.below(200));
  while (!text.empty() && random.chance(0.9)) {
    const std::size_t from = random.below(text.size());
    const std::size_t length = std::min<std::size_t>(random.below(5'000), text.size() - from);
    const Bytes piece(text.begin() + static_cast<std::ptrdiff_t>(from),
                      text.begin() + static_cast<std::ptrdiff_t>(from + length));
    text.insert(text.end(), piece.begin(), piece.end());
    const Bytes fresh = noise(random, random.below(30));
    text.insert(text.end(), fresh.begin(), fresh.end());
  }
  return text;
}

Bytes block_of(Compressor& compressor, const Bytes& text) {
  Bytes block(text.size() + text.size() / kBlockRatioMax + 16);
  const auto made = compressor.compress(text, block);
  REQUIRE(made.has_value());
  block.resize(*made);
  return block;
}

std::optional<Bytes> text_of(std::span<const std::byte> block, std::size_t text_bytes) {
  Bytes text(text_bytes);
  if (!decompress(block, text)) return std::nullopt;
  return text;
}

}  // namespace

// One compressor for all, as a connection has one: no text is made of what stood in one before it,
// also where that one did not fit.
TEST_CASE("a text comes back from its block whatever was compressed before") {
  Compressor compressor;
  int not_fitting = 0;
  CHECK(rc::check("texts that repeat", [&](std::uint64_t seed) {
    Random random(seed);
    for (int i = 0; i < 20; ++i) {
      const Bytes text = text_with_echoes(random);
      const Bytes block = block_of(compressor, text);
      RC_ASSERT(text_of(block, text.size()) == text);
      RC_ASSERT(text.size() / kBlockRatioMax <= block.size());
      // Which repetitions are found depends on what the table says of earlier texts: a byte less
      // may do the next time, and mostly does not.
      Bytes smaller(block.size() - 1);
      if (const auto made = compressor.compress(text, smaller)) {
        RC_ASSERT(text_of(std::span(smaller).first(*made), text.size()) == text);
      } else {
        ++not_fitting;
      }
    }
  }));
  CHECK(not_fitting > 0);
}

TEST_CASE("a text without repetitions does not fit fewer bytes than it has") {
  Compressor compressor;
  Random random(1);
  const Bytes text = noise(random, 1'000);
  Bytes block(text.size());
  CHECK_FALSE(compressor.compress(text, block).has_value());
}

TEST_CASE("a block is refused unless it is exactly of the text that is asked for") {
  Compressor compressor;
  const Bytes text = bytes_of("one line of an order, one line of an order, one line of an order");
  const Bytes block = block_of(compressor, text);
  REQUIRE(block.size() < text.size());
  for (const std::size_t other : {std::size_t{0}, text.size() - 1, text.size() + 1}) {
    Bytes of_other_length(other);
    CHECK_FALSE(decompress(block, of_other_length));
  }
  Bytes again(text.size());
  for (std::size_t bytes = 0; bytes < block.size(); ++bytes)
    CHECK_FALSE(decompress(std::span(block).first(bytes), again));
  CHECK(decompress(block, again));
}

// The sanitizers see what is read or written beyond.
TEST_CASE("whatever a block holds, nothing beyond the spans is touched") {
  CHECK(rc::check("garbled blocks", [](std::uint64_t seed) {
    Random random(seed);
    Compressor compressor;
    const Bytes text = text_with_echoes(random);
    Bytes block = block_of(compressor, text);
    for (std::size_t i = random.below(4); i < 5 && !block.empty(); ++i)
      block[random.below(block.size())] = static_cast<std::byte>(random.next());
    const std::vector<std::byte> tight(block.begin(), block.end());
    Bytes again(random.below(2 * text.size() + 1));
    (void)decompress(tight, again);
  }));
}
