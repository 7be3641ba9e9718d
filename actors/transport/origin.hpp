#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace landfall::transport {

// Where every call of a profile goes: "https://host[:port]".
struct Origin {
  bool tls = true;
  std::string host;  // lower case; a name or an address, without brackets
  std::uint16_t port = 443;

  // This machine itself, whatever a name server says: localhost, 127.0.0.0/8, ::1.
  [[nodiscard]] bool is_loopback() const;
  // As in a Host header: with brackets around an IPv6 address, without a port that goes without
  // saying.
  [[nodiscard]] std::string authority() const;
};

// Scheme, host and an optional port and nothing else: no path, no user, no escapes, no
// international names (a profile writes them in their ASCII form). Errors: origin.invalid.
[[nodiscard]] Result<Origin> parse_origin(std::string_view text);

}  // namespace landfall::transport
