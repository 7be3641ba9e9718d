#pragma once

#include <cstddef>
#include <string_view>

namespace landfall {

// Whether this byte of a UTF-8 text goes on with a character that an earlier byte began.
[[nodiscard]] constexpr bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// As many whole characters of a UTF-8 text as fit into `bytes_max` bytes, from its beginning. The
// text itself where all of it does.
[[nodiscard]] std::string_view first_characters(std::string_view text, std::size_t bytes_max);

}  // namespace landfall
