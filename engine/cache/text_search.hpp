#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace landfall::cache {

// `text` in small letters: those of Latin-1, Latin Extended-A, Greek and the Cyrillic alphabets of
// the Slavs. Everything else stays as it is, also what is no UTF-8. Each takes two bytes in both
// cases, so that this small table does where a library would bring those of all scripts with it.
[[nodiscard]] std::string fold_case(std::string_view text);

// What somebody typed into a search box, as the folded words of it; none when it is blank.
[[nodiscard]] std::vector<std::string> search_words(std::string_view text);

// Whether each of the words is somewhere in `folded`.
[[nodiscard]] bool has_words(std::string_view folded, const std::vector<std::string>& words);

}  // namespace landfall::cache
