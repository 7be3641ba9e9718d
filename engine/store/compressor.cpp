#include "engine/store/compressor.hpp"

#include <lz4.h>

#include <climits>
#include <new>

#include "engine/base/assert.hpp"

namespace landfall::store {
namespace {

// The usual one: a higher number is faster and finds less.
constexpr int kAcceleration = 1;

const char* raw(const std::byte* bytes) { return reinterpret_cast<const char*>(bytes); }
char* raw(std::byte* bytes) { return reinterpret_cast<char*>(bytes); }

// LZ4 counts by int.
int length_of(std::span<const std::byte> bytes) {
  LANDFALL_ASSERT(bytes.size() <= INT_MAX);
  return static_cast<int>(bytes.size());
}

}  // namespace

void Compressor::Free::operator()(LZ4_stream_u* stream) const noexcept { LZ4_freeStream(stream); }

std::optional<std::size_t> Compressor::compress(std::span<const std::byte> text,
                                                std::span<std::byte> block) {
  if (!stream_) stream_.reset(LZ4_createStream());
  if (!stream_) throw std::bad_alloc();
  // Forgets the text before this one, whose memory is gone.
  LZ4_resetStream_fast(stream_.get());
  const int written = LZ4_compress_fast_continue(stream_.get(), raw(text.data()), raw(block.data()),
                                                 length_of(text), length_of(block), kAcceleration);
  if (written > 0) return static_cast<std::size_t>(written);
  // After a failure nothing is promised of the table.
  LZ4_initStream(stream_.get(), sizeof *stream_);
  return std::nullopt;
}

bool decompress(std::span<const std::byte> block, std::span<std::byte> text) {
  const int made =
      LZ4_decompress_safe(raw(block.data()), raw(text.data()), length_of(block), length_of(text));
  return made >= 0 && static_cast<std::size_t>(made) == text.size();
}

}  // namespace landfall::store
