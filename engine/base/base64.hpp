#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace landfall {

// Standard alphabet with padding, as host ports carry bytes (RFC 4648, section 4).
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);

// Nothing for anything that to_base64 would not have written.
[[nodiscard]] std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace landfall
