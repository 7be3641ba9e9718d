#include "simulator/oracles/needles.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/base64.hpp"

namespace landfall::oracles {
namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";

std::uint32_t start_of(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8U | std::uint32_t{bytes[2]} << 16U |
         std::uint32_t{bytes[3]} << 24U;
}

std::string hex_of(std::string_view bytes, std::string_view digits) {
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

std::string url_of(std::string_view text) {
  std::string url;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    url += is_plain ? std::string(1, c) : "%" + hex_of({&c, 1}, kUpperHex);
  }
  return url;
}

std::string utf16_of(std::string_view ascii) {
  std::string wide;
  for (const char c : ascii) {
    wide += c;
    wide += '\0';
  }
  return wide;
}

// What base64 makes of the bytes wherever they begin in a group of three: without the digits that
// depend on what stands before or behind.
std::string base64_of(std::string_view bytes, std::size_t shift) {
  const std::string padded = std::string(shift, '\0') + std::string(bytes);
  std::string text = to_base64(std::as_bytes(std::span(padded)));
  const std::size_t whole = padded.size() / 3 * 4;
  text.resize(std::min(text.size(), whole));
  return text.substr(shift == 0 ? 0 : 4);
}

std::string url_alphabet(std::string base64) {
  std::ranges::replace(base64, '+', '-');
  std::ranges::replace(base64, '/', '_');
  return base64;
}

}  // namespace

void Needles::add(const std::string& what, std::string_view text) {
  if (text.size() < kBytesMin) return;
  add_written(what, text);
  if (auto url = url_of(text); url != text) add_one(what + " (URL encoding)", std::move(url));
  add_one(what + " (UTF-16)", utf16_of(text));
}

void Needles::add_bytes(const std::string& what, std::string_view bytes) {
  if (bytes.size() >= kBytesMin) add_written(what, bytes);
}

void Needles::add_written(const std::string& what, std::string_view bytes) {
  add_one(what, std::string(bytes));
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string base64 = base64_of(bytes, shift);
    add_one(what + " (base64)", base64);
    if (url_alphabet(base64) != base64) add_one(what + " (base64url)", url_alphabet(base64));
  }
  add_one(what + " (hex)", hex_of(bytes, kLowerHex));
  add_one(what + " (hex)", hex_of(bytes, kUpperHex));
}

// What is left of a short text in base64 could stand anywhere by chance.
void Needles::add_one(std::string what, std::string bytes) {
  if (bytes.size() < kBytesMin) return;
  const auto* start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  starts_.set(std::size_t{start[0]} | std::size_t{start[1]} << 8U);
  by_start_.emplace(start_of(start), needles_.size());
  needles_.push_back({std::move(what), std::move(bytes)});
}

std::optional<Needles::Found> Needles::find(std::span<const std::uint8_t> bytes) const {
  if (needles_.empty() || bytes.size() < kBytesMin) return std::nullopt;
  const std::uint8_t* const data = bytes.data();
  const std::size_t last = bytes.size() - kBytesMin;
  for (std::size_t at = 0; at <= last; ++at) {
    if (!starts_[std::size_t{data[at]} | std::size_t{data[at + 1]} << 8U]) continue;
    const auto [from, to] = by_start_.equal_range(start_of(data + at));
    for (auto candidate = from; candidate != to; ++candidate) {
      const Needle& needle = needles_[candidate->second];
      if (at + needle.bytes.size() <= bytes.size() &&
          std::equal(needle.bytes.begin(), needle.bytes.end(), data + at,
                     [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }))
        return Found{needle.what, at};
    }
  }
  return std::nullopt;
}

}  // namespace landfall::oracles
