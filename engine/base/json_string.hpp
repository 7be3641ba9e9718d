#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace landfall {

// Appends what dump_json makes of a string: the same bytes, without a tree. What is no UTF-8 is
// replaced as there.
void append_json_string(std::string& text, std::string_view value);

// The same of a string that is known to be UTF-8, which is not looked at again.
void append_json_utf8(std::string& text, std::string_view value);

// How many bytes append_json_string appends.
[[nodiscard]] std::size_t json_string_bytes(std::string_view value);

}  // namespace landfall
