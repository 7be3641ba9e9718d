#include "engine/http/message.hpp"

#include <algorithm>
#include <cctype>

namespace landfall::http {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::string header_text(const Headers& headers, std::string_view name) {
  return std::string(find_header(headers, name).value_or(""));
}

void set_header(Headers& headers, std::string_view name, std::string value) {
  for (auto& [key, existing] : headers) {
    if (same_name(key, name)) {
      existing = std::move(value);
      return;
    }
  }
  headers.emplace_back(std::string{name}, std::move(value));
}

}  // namespace landfall::http
