#include "engine/base/json_string.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <nlohmann/json.hpp>

#include "engine/base/json.hpp"

namespace landfall {
namespace {

enum class Known { nothing, utf8 };

constexpr bool is_plain(char c, Known known) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20U && c != '"' && c != '\\' && (byte < 0x80U || known == Known::utf8);
}

// Whether all of eight bytes are plain, by the usual arithmetic on words: the highest bit of one is
// left where a byte is below 0x20 or equal to what it is compared with.
bool are_plain(const char* bytes, Known known) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const std::uint64_t quotes = word ^ (kOnes * '"');
  const std::uint64_t escapes = word ^ (kOnes * '\\');
  const std::uint64_t found = ((word - kOnes * 0x20U) & ~word) | ((quotes - kOnes) & ~quotes) |
                              ((escapes - kOnes) & ~escapes) | (known == Known::utf8 ? 0U : word);
  return (found & kHighs) == 0;
}

// Of how many bytes from the beginning each stands for itself between quotes.
std::size_t plain_bytes(std::string_view value, Known known) {
  constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
  std::size_t at = 0;
  while (value.size() - at >= kWordBytes && are_plain(value.data() + at, known)) at += kWordBytes;
  while (at < value.size() && is_plain(value[at], known)) ++at;
  return at;
}

// Quotes and backslashes are many where a string holds JSON; whatever else needs more than itself
// is seldom and left to the library.
void append(std::string& text, std::string_view value, Known known) {
  const std::size_t begin = text.size();
  text += '"';
  std::string_view left = value;
  while (true) {
    const std::size_t plain = plain_bytes(left, known);
    text.append(left.substr(0, plain));
    if (plain == left.size()) break;
    if (left[plain] != '"' && left[plain] != '\\') {
      text.resize(begin);
      text += dump_json(Json(value));
      return;
    }
    text.append(1, '\\').append(1, left[plain]);
    left.remove_prefix(plain + 1);
  }
  text += '"';
}

}  // namespace

void append_json_string(std::string& text, std::string_view value) {
  append(text, value, Known::nothing);
}

void append_json_utf8(std::string& text, std::string_view value) {
  append(text, value, Known::utf8);
}

std::size_t json_string_bytes(std::string_view value) {
  constexpr std::size_t kQuotes = 2;
  if (plain_bytes(value, Known::nothing) == value.size()) return value.size() + kQuotes;
  std::string text;
  append(text, value, Known::nothing);
  return text.size();
}

}  // namespace landfall
