#include "engine/base/error.hpp"

#include <array>

namespace landfall {

std::string_view to_string(ErrorClass kind) noexcept {
  switch (kind) {
    case ErrorClass::invalid:
      return "invalid";
    case ErrorClass::busy:
      return "busy";
    case ErrorClass::wait_network:
      return "wait_network";
    case ErrorClass::transient:
      return "transient";
    case ErrorClass::auth:
      return "auth";
    case ErrorClass::refused:
      return "refused";
    case ErrorClass::storage_full:
      return "storage_full";
    case ErrorClass::corrupt:
      return "corrupt";
    case ErrorClass::indeterminate:
      return "indeterminate";
    case ErrorClass::internal:
      return "internal";
  }
  return "internal";
}

std::string quote_input(std::string_view input) {
  static constexpr std::array<char, 16> kHex = {'0', '1', '2', '3', '4', '5', '6', '7',
                                                '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  std::string quoted = "\"";
  for (char c : input) {
    if (quoted.size() + 5 > kQuotedInputBytesMax) {
      quoted += "...";
      break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      quoted += c;
    } else {
      quoted += "\\x";
      quoted += kHex[byte >> 4U];
      quoted += kHex[byte & 0x0fU];
    }
  }
  quoted += '"';
  return quoted;
}

}  // namespace landfall
