#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schema/limits.hpp"

namespace landfall {
struct Profile;
}

namespace landfall::http {

// What a server says to its user in an error's body, where the profile says that it stands: at most
// kServerMessageBytesMax bytes of UTF-8 on one line. Empty when the body is no such error.
[[nodiscard]] std::string server_message(const Profile& profile, std::string_view body);

// Any text of a server in that form, for people to read: control characters become blanks, and what
// is longer than `bytes_max` is cut between two characters.
[[nodiscard]] std::string one_line(std::string_view text,
                                   std::size_t bytes_max = limits::kServerMessageBytesMax);

}  // namespace landfall::http
