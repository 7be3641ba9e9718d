#include "engine/notify/deep_link.hpp"

#include "schema/limits.hpp"

namespace landfall::notify {

std::optional<std::string> deep_link(const profile::NotificationType& type,
                                     const profile::Variables& values) {
  if (type.deep_link.empty()) return std::nullopt;
  auto filled = profile::fill_path(type.deep_link, values);
  if (!filled || filled->size() > limits::kTargetBytesMax) return std::nullopt;
  return std::move(*filled);
}

}  // namespace landfall::notify
