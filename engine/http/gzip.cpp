#include "engine/http/gzip.hpp"

#include <libdeflate.h>

#include <cstdint>
#include <new>

namespace landfall::http {
namespace {

constexpr int kFastest = 1;
constexpr std::size_t kHeaderBytes = 10;
constexpr std::size_t kLengthBytes = 4;  // the last of the trailer, little-endian
constexpr std::size_t kTrailerBytes = 4 + kLengthBytes;
constexpr std::size_t kRatioMax = 1032;  // no more can be said by a byte of DEFLATE

// What the trailer says; the member is checked against it.
std::size_t length_in(std::string_view bytes) {
  std::size_t length = 0;
  for (std::size_t i = 1; i <= kLengthBytes; ++i)
    length = length << 8U | static_cast<std::uint8_t>(bytes[bytes.size() - i]);
  return length;
}

}  // namespace

void Compressor::Free::operator()(libdeflate_compressor* compressor) const {
  libdeflate_free_compressor(compressor);
}

void Decompressor::Free::operator()(libdeflate_decompressor* decompressor) const {
  libdeflate_free_decompressor(decompressor);
}

std::string Compressor::gzip(std::string_view text) {
  if (!compressor_) compressor_.reset(libdeflate_alloc_compressor(kFastest));
  if (!compressor_) throw std::bad_alloc();
  std::string bytes(libdeflate_gzip_compress_bound(compressor_.get(), text.size()), '\0');
  bytes.resize(libdeflate_gzip_compress(compressor_.get(), text.data(), text.size(), bytes.data(),
                                        bytes.size()));
  return bytes;
}

tl::expected<std::string, GunzipFailure> Decompressor::gunzip(std::string_view bytes,
                                                              std::size_t text_bytes_max) {
  if (bytes.size() < kHeaderBytes + kTrailerBytes) return tl::unexpected(GunzipFailure::broken);
  const std::size_t length = length_in(bytes);
  if (length / kRatioMax > bytes.size()) return tl::unexpected(GunzipFailure::broken);
  if (length > text_bytes_max) return tl::unexpected(GunzipFailure::too_large);
  if (!decompressor_) decompressor_.reset(libdeflate_alloc_decompressor());
  if (!decompressor_) throw std::bad_alloc();
  std::string text(length, '\0');
  std::size_t used = 0;
  const auto result = libdeflate_gzip_decompress_ex(decompressor_.get(), bytes.data(), bytes.size(),
                                                    text.data(), text.size(), &used, nullptr);
  if (result != LIBDEFLATE_SUCCESS || used != bytes.size())
    return tl::unexpected(GunzipFailure::broken);
  return text;
}

}  // namespace landfall::http
