#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

struct libdeflate_compressor;
struct libdeflate_decompressor;

namespace landfall::http {

// Bodies as `Content-Encoding: gzip` has them (RFC 1952), by libdeflate. Both keep what they work
// with, which is large beside a body and made at the first use. One thread at a time.

// At the fastest level: what a phone sends is small, and waits for it.
class Compressor final {
 public:
  Compressor() = default;
  [[nodiscard]] std::string gzip(std::string_view text);

 private:
  struct Free {
    void operator()(libdeflate_compressor* compressor) const;
  };
  std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

enum class GunzipFailure {
  broken,    // cut, altered, no gzip, or with something behind its one member
  too_large  // it says that it is larger than was asked for
};

class Decompressor final {
 public:
  Decompressor() = default;
  // Never makes more than `text_bytes_max` bytes of it, whatever it holds: what lies about its
  // length is broken.
  [[nodiscard]] tl::expected<std::string, GunzipFailure> gunzip(std::string_view bytes,
                                                                std::size_t text_bytes_max);

 private:
  struct Free {
    void operator()(libdeflate_decompressor* decompressor) const;
  };
  std::unique_ptr<libdeflate_decompressor, Free> decompressor_;
};

}  // namespace landfall::http
