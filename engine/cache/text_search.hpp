#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace landfall::cache {

// `text` as it is compared: Unicode's case folding, composed, without accents. What is no UTF-8
// stays as it is.
[[nodiscard]] std::string fold_case(std::string_view text);

// What somebody typed into a search box, as the folded words of it; none when it is blank.
[[nodiscard]] std::vector<std::string> search_words(std::string_view text);

// Whether each of the words is somewhere in `folded`.
[[nodiscard]] bool has_words(std::string_view folded, const std::vector<std::string>& words);

}  // namespace landfall::cache
