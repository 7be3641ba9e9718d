#include "simulator/faults/path_pattern.hpp"

namespace landfall::faults {

bool matches_path(std::string_view pattern, std::string_view target) {
  constexpr std::string_view kId = "${id}";
  pattern = pattern.substr(0, pattern.find('?'));
  const std::string_view path = target.substr(0, target.find('?'));
  const std::size_t at = pattern.find(kId);
  if (at == std::string_view::npos) return pattern == path;
  const std::string_view head = pattern.substr(0, at);
  const std::string_view tail = pattern.substr(at + kId.size());
  if (path.size() <= head.size() + tail.size()) return false;
  if (!path.starts_with(head) || !path.ends_with(tail)) return false;
  const auto id = path.substr(head.size(), path.size() - head.size() - tail.size());
  return id.find('/') == std::string_view::npos;
}

}  // namespace landfall::faults
