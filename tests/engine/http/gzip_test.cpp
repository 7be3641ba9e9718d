#include "engine/http/gzip.hpp"

#include <catch2/catch.hpp>

#include <string>

using landfall::http::Compressor;
using landfall::http::Decompressor;
using landfall::http::GunzipFailure;

namespace {

constexpr std::size_t kMax = 100'000;

std::string some_text() {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "{\"id\":" + std::to_string(i * 7'919) + "}";
  return text;
}

// What another writer makes of "hello hello hello\n".
const std::string kForeign(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x5c\x00"
    "\x3b\x7c\x8a\xdf\x12\x00\x00\x00",
    29);

// Bytes of a length in the trailer.
void say_length(std::string& bytes, std::uint32_t length) {
  for (std::size_t i = 4; i > 0; --i, length >>= 8U)
    bytes[bytes.size() - i] = static_cast<char>(length & 0xffU);
}

}  // namespace

TEST_CASE("gzip: what was compressed comes back, and is smaller") {
  Compressor compressor;
  Decompressor decompressor;
  for (const std::string& text : {std::string{}, std::string{"{}"}, some_text()}) {
    const std::string bytes = compressor.gzip(text);
    CHECK(decompressor.gunzip(bytes, kMax) == text);
    CHECK(decompressor.gunzip(bytes, text.size()) == text);
  }
  CHECK(compressor.gzip(some_text()).size() < some_text().size() / 3);
}

TEST_CASE("gzip: what another writer made is read") {
  Decompressor decompressor;
  CHECK(decompressor.gunzip(kForeign, kMax) == std::string{"hello hello hello\n"});
}

TEST_CASE("gzip: a cut body is broken wherever it is cut, and so is one with more behind it") {
  Compressor compressor;
  Decompressor decompressor;
  const std::string whole = compressor.gzip(some_text());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto text = decompressor.gunzip(whole.substr(0, size), kMax);
    REQUIRE_FALSE(text.has_value());
  }
  CHECK(decompressor.gunzip(whole + "x", kMax).has_value() == false);
  CHECK(decompressor.gunzip(whole + whole, kMax).error() == GunzipFailure::broken);
}

TEST_CASE("gzip: an altered byte is found, or alters nothing") {
  Compressor compressor;
  Decompressor decompressor;
  const std::string text = some_text();
  const std::string whole = compressor.gzip(text);
  std::size_t found = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned bit : {0U, 3U, 7U}) {
      std::string altered = whole;
      altered[at] = static_cast<char>(static_cast<unsigned char>(altered[at]) ^ (1U << bit));
      const auto read = decompressor.gunzip(altered, kMax);
      if (read) REQUIRE(*read == text);
      found += read ? 0 : 1;
    }
  }
  // The header holds a time and a system that nobody looks at.
  CHECK(found >= 3 * (whole.size() - 10));
}

TEST_CASE("gzip: a bomb makes no more than it may, whether it tells its length or not") {
  Compressor compressor;
  Decompressor decompressor;
  std::string bomb = compressor.gzip(std::string(kMax * 100, '0'));
  CHECK(bomb.size() < kMax);
  CHECK(decompressor.gunzip(bomb, kMax).error() == GunzipFailure::too_large);
  say_length(bomb, 10);
  CHECK(decompressor.gunzip(bomb, kMax).error() == GunzipFailure::broken);
  std::string small = compressor.gzip("{}");
  say_length(small, kMax);
  CHECK(decompressor.gunzip(small, kMax).error() == GunzipFailure::broken);
}
