#pragma once

#include <string_view>

namespace landfall::auth {

// Whether the text can be an email address as people have them (I-5): one @ between a local part
// and a name of dotted labels, no blanks, no control characters, within the lengths of RFC 5321.
// The form of an address and nothing more: only a server knows whether there is somebody behind it.
// Quoted local parts and addresses of numbers are refused; letters of any script pass.
[[nodiscard]] bool is_email(std::string_view text);

}  // namespace landfall::auth
