#include "engine/base/ids.hpp"

namespace landfall::detail {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kTextBytes = 36;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_hyphen_position(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

}  // namespace

std::string format_uuid(const std::array<std::uint8_t, 16>& bytes) {
  std::string text(kTextBytes, '-');
  std::size_t at = 0;
  for (std::uint8_t byte : bytes) {
    if (is_hyphen_position(at)) ++at;
    text[at++] = kHex[byte >> 4U];
    text[at++] = kHex[byte & 0x0fU];
  }
  return text;
}

std::optional<std::array<std::uint8_t, 16>> parse_uuid(std::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::size_t nibble = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_hyphen_position(at)) {
      if (text[at] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[at]);
    if (value < 0) return std::nullopt;
    bytes[nibble / 2] = static_cast<std::uint8_t>((bytes[nibble / 2] << 4U) | value);
    ++nibble;
  }
  return bytes;
}

std::array<std::uint8_t, 16> make_uuid_v7(Instant now, SecureRandom& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(std::as_writable_bytes(std::span{bytes}));
  const auto ms = static_cast<std::uint64_t>(now.unix_ms);
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(ms >> (40U - 8U * i));
  bytes[6] = static_cast<std::uint8_t>(0x70U | (bytes[6] & 0x0fU));
  bytes[8] = static_cast<std::uint8_t>(0x80U | (bytes[8] & 0x3fU));
  return bytes;
}

}  // namespace landfall::detail
