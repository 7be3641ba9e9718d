#pragma once

#include <cstddef>
#include <string_view>

namespace landfall {

// As many whole characters of a UTF-8 text as fit into `bytes_max` bytes, from its beginning. The
// text itself where all of it does.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t bytes_max);

}  // namespace landfall
