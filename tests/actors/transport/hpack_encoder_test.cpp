#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <string>

#include <nghttp2/nghttp2.h>

#include "actors/transport/hpack_encoder.hpp"

namespace landfall::testing {
namespace {

using transport::HpackEncoder;

// nghttp2's decoder, which keeps a table of its own.
class Decoder final {
 public:
  Decoder() { REQUIRE(nghttp2_hd_inflate_new(&inflater_) == 0); }
  ~Decoder() { nghttp2_hd_inflate_del(inflater_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  void set_table_bytes_max(std::size_t bytes) {
    REQUIRE(nghttp2_hd_inflate_change_table_size(inflater_, bytes) == 0);
  }

  // Nothing when the block is none.
  std::optional<http::Headers> decode(std::string block) {
    http::Headers headers;
    auto* at = reinterpret_cast<std::uint8_t*>(block.data());
    std::size_t left = block.size();
    while (true) {
      nghttp2_nv field{};
      int flags = 0;
      const auto used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
      if (used < 0) return std::nullopt;
      at += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        headers.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                             std::string(reinterpret_cast<char*>(field.value), field.valuelen));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) return std::nullopt;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return headers;
  }

 private:
  nghttp2_hd_inflater* inflater_ = nullptr;
};

}  // namespace

TEST_CASE("hpack: what comes again costs a byte, and what changes does not drive it out") {
  HpackEncoder encoder;
  Decoder decoder;
  const std::string token(1'500, 't');
  for (int i = 0; i < 1'000; ++i) {
    const http::Headers headers{{":path", "/push"},
                                {"authorization", token},
                                {"x-request-id", "id-" + std::to_string(i + 1'000)}};
    const std::string block = encoder.encode(headers);
    CHECK(decoder.decode(block) == headers);
    // Two numbers; a name's number in two bytes at most, a length and seven characters.
    if (i > 0) CHECK(block.size() <= 2 + 2 + 1 + 7);
  }
}

TEST_CASE("hpack: a value that changed once is remembered when it comes again") {
  HpackEncoder encoder;
  Decoder decoder;
  const auto bytes_of = [&](const std::string& token) {
    const http::Headers headers{{"authorization", token}};
    const std::string block = encoder.encode(headers);
    CHECK(decoder.decode(block) == headers);
    return block.size();
  };
  const std::string first(400, 'a');
  const std::string second(400, 'b');
  CHECK(bytes_of(first) > 400);
  CHECK(bytes_of(first) == 1);
  CHECK(bytes_of(second) > 400);
  CHECK(bytes_of(second) > 400);
  CHECK(bytes_of(second) == 1);
  CHECK(bytes_of(first) == 1);
}

TEST_CASE("hpack: both sides forget the same when there is no room") {
  HpackEncoder encoder;
  Decoder decoder;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) {
      const http::Headers headers{{"x-" + std::to_string(i), std::string(200, 'v')},
                                  {"x-huge", std::string(5'000, 'h')}};
      CHECK(decoder.decode(encoder.encode(headers)) == headers);
    }
  }
}

TEST_CASE("hpack: a table that the server makes smaller is said to be, at its smallest too") {
  HpackEncoder encoder;
  Decoder decoder;
  const http::Headers headers{{"x-a", std::string(100, 'a')}, {"x-b", std::string(100, 'b')}};
  CHECK(decoder.decode(encoder.encode(headers)) == headers);
  for (const std::size_t last : {std::size_t{4'096}, std::size_t{150}, std::size_t{65'536}}) {
    for (const std::size_t bytes : {std::size_t{0}, last}) {
      encoder.set_table_bytes_max(bytes);
      decoder.set_table_bytes_max(bytes);
    }
    for (int i = 0; i < 3; ++i) CHECK(decoder.decode(encoder.encode(headers)) == headers);
  }
}

}  // namespace landfall::testing
