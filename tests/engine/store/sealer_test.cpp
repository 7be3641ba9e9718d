#include "engine/store/sealer.hpp"

#include <sodium.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <type_traits>

#include "engine/base/random.hpp"
#include "engine/base/secure_random.hpp"
#include "engine/store/compressor.hpp"

using namespace landfall;
using namespace landfall::store;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes from_hex(std::string_view hex) {
  Bytes bytes(hex.size() / 2);
  REQUIRE(sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), hex.data(),
                         hex.size(), nullptr, nullptr, nullptr) == 0);
  return bytes;
}

std::string to_hex(std::span<const std::byte> bytes) {
  std::string hex(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                 bytes.size());
  hex.pop_back();
  return hex;
}

SecretKey key_of(std::uint8_t fill) {
  std::array<std::byte, kSecretKeyBytes> bytes;
  bytes.fill(std::byte{fill});
  return SecretKey(bytes);
}

// Draws 0, 1, 2, … so that a seal can be written down.
class CountingRandom final : public SecureRandom {
 public:
  void fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(next_++);
  }

 private:
  int next_ = 0;
};

// As what a document or a payload holds repeats itself.
std::string repeating_text(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i)
    text += R"({"line_no":)" + std::to_string(i) + R"(,"quantity":)" + std::to_string(i * 7) + "},";
  text.resize(bytes);
  return text;
}

Bytes noise(std::size_t bytes) {
  Random random(bytes);
  Bytes drawn(bytes);
  for (std::byte& byte : drawn) byte = static_cast<std::byte>(random.next());
  return drawn;
}

// A compressing sealer, and what the bytes of an envelope say.
struct Press {
  Bytes seal(std::span<const std::byte> text) {
    return sealer.seal_compressed("documents", bytes_of("row"), text, compressor);
  }
  [[nodiscard]] Result<Bytes> open(const Bytes& sealed) const {
    return sealer.open("documents", bytes_of("row"), sealed);
  }
  // What only whoever has the key can make: an envelope of format 2 that holds `content`.
  Bytes forge(const Bytes& content) {
    Bytes envelope = from_hex("0201000000");
    envelope.resize(kSealOverheadBytes + content.size());
    Bytes data = from_hex(
        "0201000000"
        "09000000");
    for (const std::byte byte : bytes_of("documents")) data.push_back(byte);
    for (const std::byte byte : from_hex("03000000")) data.push_back(byte);
    for (const std::byte byte : bytes_of("row")) data.push_back(byte);
    const SecretKey key = key_of(1);
    auto* const at = reinterpret_cast<unsigned char*>(envelope.data());
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        at + 29, nullptr, reinterpret_cast<const unsigned char*>(content.data()), content.size(),
        reinterpret_cast<const unsigned char*>(data.data()), data.size(), nullptr, at + 5,
        reinterpret_cast<const unsigned char*>(key.reveal().data()));
    return envelope;
  }
  // A content that names `length`, with the block of `text`.
  Bytes content(std::size_t length, const Bytes& text) {
    Bytes made;
    for (int i = 0; i < 4; ++i) made.push_back(static_cast<std::byte>(length >> (8 * i)));
    Bytes block(text.size() + text.size() / kBlockRatioMax + 16);
    block.resize(compressor.compress(text, block).value());
    made.insert(made.end(), block.begin(), block.end());
    return made;
  }

  SeededSecureRandom random{{}};
  Sealer sealer{key_of(1), 1, random};
  Compressor compressor;
};

constexpr std::byte kPlain{1};
constexpr std::byte kCompressed{2};

static_assert(!std::is_copy_constructible_v<SecretKey>);
static_assert(!std::is_copy_assignable_v<SecretKey>);

}  // namespace

TEST_CASE("what was sealed opens again in its place, the empty value too") {
  LibsodiumRandom random;
  Sealer sealer(SecretKey::generate(random), 1, random);
  const Bytes row = bytes_of("row-1");
  for (const std::string_view text :
       {"", "x", "a longer text that fills more than one block of the cipher, twice over"}) {
    const Bytes sealed = sealer.seal("operations.payload", row, bytes_of(text));
    CHECK(sealed.size() == text.size() + kSealOverheadBytes);
    CHECK(sealer.open("operations.payload", row, sealed) == bytes_of(text));
  }
}

TEST_CASE("a seal with a known key and nonce has known bytes") {
  CountingRandom random;
  Sealer sealer(key_of(0x42), 7, random);
  const Bytes sealed = sealer.seal("operations", bytes_of("id"), bytes_of("landfall"));
  CHECK(to_hex(std::span(sealed).first(29)) ==
        "01"
        "07000000"
        "000102030405060708090a0b0c0d0e0f1011121314151617");
  // The same computed by hand from the cipher's definition: associated data is format, key version,
  // length and text of the place, length and bytes of the primary key.
  const Bytes data = from_hex(
      "01"
      "07000000"
      "0a000000"
      "6f7065726174696f6e73"
      "02000000"
      "6964");
  Bytes expected(8 + 16);
  const Bytes plaintext = bytes_of("landfall");
  const Bytes nonce(sealed.begin() + 5, sealed.begin() + 29);
  const SecretKey key = key_of(0x42);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      reinterpret_cast<unsigned char*>(expected.data()), nullptr,
      reinterpret_cast<const unsigned char*>(plaintext.data()), plaintext.size(),
      reinterpret_cast<const unsigned char*>(data.data()), data.size(), nullptr,
      reinterpret_cast<const unsigned char*>(nonce.data()),
      reinterpret_cast<const unsigned char*>(key.reveal().data()));
  CHECK(to_hex(std::span(sealed).subspan(29)) == to_hex(expected));
}

TEST_CASE(
    "INV-X3: a sealed value opens in no other row, table or column, and by no other key or "
    "version") {
  SeededSecureRandom random({});
  Sealer sealer(key_of(1), 1, random);
  const Bytes sealed = sealer.seal("operations.payload", bytes_of("row-1"), bytes_of("secret"));
  REQUIRE(sealer.open("operations.payload", bytes_of("row-1"), sealed).has_value());
  const auto refused = [&](const Sealer& by, std::string_view place, std::string_view row) {
    const auto opened = by.open(place, bytes_of(row), sealed);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == "seal.broken");
    CHECK(opened.error().kind == ErrorClass::corrupt);
    CHECK(opened.error().message.find("secret") == std::string::npos);
  };
  refused(sealer, "operations.payload", "row-2");
  refused(sealer, "operations.summary", "row-1");
  refused(sealer, "documents.payload", "row-1");
  // A shift of the border between place and key is another place too.
  refused(sealer, "operations.payloadr", "ow-1");
  refused(Sealer(key_of(2), 1, random), "operations.payload", "row-1");
  refused(Sealer(key_of(1), 2, random), "operations.payload", "row-1");
}

TEST_CASE("a sealed value with any bit changed, or cut anywhere, is seal.broken") {
  SeededSecureRandom random({});
  Sealer sealer(key_of(1), 1, random);
  const Bytes row = bytes_of("row");
  const Bytes sealed = sealer.seal("t", row, bytes_of("secret"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes altered = sealed;
      altered[i] ^= static_cast<std::byte>(1 << bit);
      CHECK_FALSE(sealer.open("t", row, altered).has_value());
    }
    CHECK_FALSE(sealer.open("t", row, std::span(sealed).first(i)).has_value());
  }
}

TEST_CASE("a text that repeats itself is sealed compressed, and opens as it was") {
  Press press;
  for (const std::size_t bytes :
       {kCompressedBytesMin, std::size_t{1'000}, std::size_t{300'000}, kCompressedBytesMax}) {
    const Bytes text = bytes_of(repeating_text(bytes));
    const Bytes sealed = press.seal(text);
    CHECK(sealed[0] == kCompressed);
    CHECK(sealed.size() < text.size());
    CHECK(press.open(sealed) == text);
  }
}

TEST_CASE("what is short, very long or without repetitions is sealed as it is") {
  Press press;
  const auto is_plain = [&](const Bytes& text) {
    const Bytes sealed = press.seal(text);
    CHECK(sealed[0] == kPlain);
    CHECK(sealed.size() == text.size() + kSealOverheadBytes);
    CHECK(press.open(sealed) == text);
  };
  is_plain({});
  is_plain(Bytes(kCompressedBytesMin - 1));
  is_plain(noise(2'000));
  is_plain(Bytes(kCompressedBytesMax + 1));
  // Noise in which less than a sixteenth repeats.
  Bytes hardly = noise(2'000);
  std::copy_n(hardly.begin(), 100, hardly.end() - 100);
  is_plain(hardly);
  std::copy_n(hardly.begin(), 200, hardly.end() - 200);
  CHECK(press.seal(hardly)[0] == kCompressed);
}

TEST_CASE("INV-S7: what was sealed before anything was compressed opens") {
  const Bytes old = from_hex(
      "0107000000"
      "000102030405060708090a0b0c0d0e0f1011121314151617"
      "e09dea83a1c0abace4d8d3c16a014d52fe58a4d5b541e70c");
  SeededSecureRandom random({});
  CHECK(Sealer(key_of(0x42), 7, random).open("operations", bytes_of("id"), old) ==
        bytes_of("landfall"));
}

TEST_CASE(
    "INV-X3: a compressed value with any bit changed, its format too, or cut, is seal.broken") {
  Press press;
  const Bytes sealed = press.seal(bytes_of(repeating_text(200)));
  REQUIRE(sealed[0] == kCompressed);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes altered = sealed;
      altered[i] ^= static_cast<std::byte>(1 << bit);
      CHECK_FALSE(press.open(altered).has_value());
    }
    CHECK_FALSE(
        press.open(Bytes(sealed.begin(), sealed.begin() + static_cast<int>(i))).has_value());
  }
  Bytes renamed = sealed;
  renamed[0] = kPlain;
  CHECK_FALSE(press.open(renamed).has_value());
}

TEST_CASE("a length that a compressed value does not have is seal.broken, before memory is taken") {
  Press press;
  const Bytes text = bytes_of(repeating_text(1'000));
  REQUIRE(press.open(press.forge(press.content(text.size(), text))) == text);
  const auto refused = [&](const Bytes& content, std::string_view why) {
    const auto opened = press.open(press.forge(content));
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == "seal.broken");
    CHECK(opened.error().kind == ErrorClass::corrupt);
    CHECK(opened.error().message.find(why) != std::string::npos);
  };
  refused({}, "cut");
  refused(Bytes(3), "cut");
  refused(Bytes(4), "not what it says");
  refused(press.content(text.size() - 1, text), "not what it says");
  refused(press.content(text.size() + 1, text), "not what it says");
  // A block cannot say so much.
  refused(press.content(kCompressedBytesMax, text), "cannot have");
  refused(press.content(0xffff'ffffU, text), "cannot have");
  // This one can, and is true; and it is too much.
  const Bytes large(kCompressedBytesMax + 1);
  refused(press.content(large.size(), large), "cannot have");
}

TEST_CASE("INV-X3: no nonce comes twice, across a simulated reboot too") {
  std::set<Bytes> nonces;
  std::uint64_t position = 0;
  for (int boot = 0; boot < 5; ++boot) {
    SeededSecureRandom random({}, position);
    Sealer sealer(key_of(1), 1, random);
    for (int i = 0; i < 50; ++i) {
      const Bytes sealed = sealer.seal("t", bytes_of("row"), bytes_of("same text"));
      CHECK(nonces.emplace(sealed.begin() + 5, sealed.begin() + 29).second);
    }
    position = random.position();
  }
}

TEST_CASE("the seeded stream is ChaCha20 with a zero nonce, and repeats by its seed only") {
  std::array<std::byte, 32> seed{};
  SeededSecureRandom random(seed);
  Bytes first(64);
  random.fill(first);
  // RFC 8439, A.1, test vector 1.
  CHECK(to_hex(first) ==
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
        "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
  CHECK(random.position() == 1);
  Bytes short_one(3);
  random.fill(short_one);
  Bytes next(3);
  random.fill(next);
  CHECK(random.position() == 3);
  CHECK(short_one != next);
  seed[0] = std::byte{1};
  SeededSecureRandom other(seed);
  Bytes different(64);
  other.fill(different);
  CHECK(different != first);
}
