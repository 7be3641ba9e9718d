#include "engine/cache/text_search.hpp"

#include <algorithm>

namespace landfall::cache {
namespace {

bool is_between(unsigned letter, unsigned first, unsigned last) {
  return letter >= first && letter <= last;
}

// In these rows of Latin Extended-A the capital stands right before its small letter.
bool is_capital_of_pair(unsigned letter) {
  if (is_between(letter, 0x0100, 0x012F) || is_between(letter, 0x0132, 0x0137) ||
      is_between(letter, 0x014A, 0x0177))
    return letter % 2 == 0;
  return (is_between(letter, 0x0139, 0x0148) || is_between(letter, 0x0179, 0x017E)) &&
         letter % 2 == 1;
}

unsigned fold_greek(unsigned letter) {
  if (letter == 0x0386) return 0x03AC;
  if (is_between(letter, 0x0388, 0x038A)) return letter + 0x25;
  if (letter == 0x038C) return 0x03CC;
  if (is_between(letter, 0x038E, 0x038F)) return letter + 0x3F;
  if (is_between(letter, 0x0391, 0x03AB)) return letter + 0x20;
  return letter == 0x03C2 ? 0x03C3 : letter;  // a sigma at the end of a word
}

unsigned fold_letter(unsigned letter) {
  if (is_between(letter, 0xC0, 0xDE) && letter != 0xD7) return letter + 0x20;
  if (letter == 0x0178) return 0xFF;
  if (is_between(letter, 0x0386, 0x03C2)) return fold_greek(letter);
  if (is_between(letter, 0x0410, 0x042F)) return letter + 0x20;
  if (is_between(letter, 0x0400, 0x040F)) return letter + 0x50;
  return is_capital_of_pair(letter) ? letter + 1 : letter;
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string fold_case(std::string_view text) {
  std::string folded{text};
  for (std::size_t at = 0; at < folded.size(); ++at) {
    const auto byte = static_cast<unsigned char>(folded[at]);
    if (byte >= 'A' && byte <= 'Z') folded[at] = static_cast<char>(byte + 0x20);
    if (!is_between(byte, 0xC3, 0xDF) || at + 1 == folded.size()) continue;
    const auto next = static_cast<unsigned char>(folded[at + 1]);
    const unsigned letter = fold_letter((byte & 0x1FU) << 6U | (next & 0x3FU));
    folded[at] = static_cast<char>(0xC0U | letter >> 6U);
    folded[++at] = static_cast<char>((next & 0xC0U) | (letter & 0x3FU));
  }
  return folded;
}

std::vector<std::string> search_words(std::string_view text) {
  std::vector<std::string> words;
  const std::string folded = fold_case(text);
  auto begin = std::find_if_not(folded.begin(), folded.end(), is_blank);
  while (begin != folded.end()) {
    const auto end = std::find_if(begin, folded.end(), is_blank);
    words.emplace_back(begin, end);
    begin = std::find_if_not(end, folded.end(), is_blank);
  }
  return words;
}

bool has_words(std::string_view folded, const std::vector<std::string>& words) {
  return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
    return folded.find(word) != std::string_view::npos;
  });
}

}  // namespace landfall::cache
