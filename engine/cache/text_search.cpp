#include "engine/cache/text_search.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace landfall::cache {
namespace {

struct Free {
  void operator()(utf8proc_uint8_t* text) const { std::free(text); }
};

const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

// How much of the beginning of `text` is UTF-8.
std::size_t valid_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    utf8proc_int32_t letter = 0;
    const auto left = static_cast<utf8proc_ssize_t>(text.size() - length);
    const auto step = utf8proc_iterate(bytes_of(text.substr(length)), left, &letter);
    if (step <= 0) break;
    length += static_cast<std::size_t>(step);
  }
  return length;
}

std::string fold_valid(std::string_view text) {
  if (text.empty()) return {};
  utf8proc_uint8_t* mapped = nullptr;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                                      UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
  const auto length =
      utf8proc_map(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, Free> owned(mapped);
  if (length < 0) return std::string{text};
  return {reinterpret_cast<const char*>(owned.get()), static_cast<std::size_t>(length)};
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

std::string fold_case(std::string_view text) {
  std::string folded;
  while (!text.empty()) {
    const std::size_t valid = valid_length(text);
    folded += fold_valid(text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) break;
    folded += text.front();
    text.remove_prefix(1);
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
