#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace landfall::world {

// What happened in a world, as one hash that two runs of a seed must share, and as text when
// somebody watches. It takes names, ids and numbers, never a payload or a token.
class Trace final {
 public:
  // Lines go to `text`, which outlives the trace; null for the hash alone.
  explicit Trace(std::FILE* text = nullptr) : text_(text) {}

  void line(Instant now, std::string_view who, std::string_view what,
            std::string_view detail = {}) {
    mix(static_cast<std::uint64_t>(now.unix_ms));
    mix(who);
    mix(what);
    mix(detail);
    ++lines_;
    if (text_ == nullptr) return;
    std::fprintf(text_, "%s %-10.*s %-24.*s %.*s\n", format_rfc3339(now).c_str(),
                 static_cast<int>(who.size()), who.data(), static_cast<int>(what.size()),
                 what.data(), static_cast<int>(detail.size()), detail.data());
  }

  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }

 private:
  void mix(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8)
      mix_byte(static_cast<unsigned char>(value >> shift));
  }
  void mix(std::string_view text) {
    for (const char c : text) mix_byte(static_cast<unsigned char>(c));
    mix_byte(0xff);
  }
  void mix_byte(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }

  std::FILE* text_;
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::uint64_t lines_ = 0;
};

}  // namespace landfall::world
