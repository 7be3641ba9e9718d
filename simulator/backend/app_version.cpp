#include "simulator/backend/app_version.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <optional>

namespace landfall::backend {
namespace {

using Numbers = std::array<int, 3>;

std::optional<Numbers> parse(std::string_view text) {
  Numbers numbers{};
  for (std::size_t at = 0; at < numbers.size(); ++at) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), numbers[at]);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return numbers;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  return std::nullopt;
}

}  // namespace

bool is_older_version(std::string_view version, std::string_view minimum) {
  const auto ours = parse(version);
  const auto least = parse(minimum);
  return ours && least && *ours < *least;
}

}  // namespace landfall::backend
