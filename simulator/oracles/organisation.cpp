#include "simulator/oracles/organisation.hpp"

#include <nlohmann/json.hpp>

namespace landfall::oracles {

std::optional<std::string> organisation_of(const world::World& world,
                                           const http::Request& request) {
  const auto headers = world.profile().find("headers");
  if (headers == world.profile().end()) return std::nullopt;
  for (const auto& [name, shape] : headers->items()) {
    if (shape == "${organisation}") return http::header_text(request.headers, name);
  }
  return std::nullopt;
}

std::string organisation_in(const nlohmann::json& status) {
  const auto organisation = status.find("organisation");
  const bool is_told = organisation != status.end() && organisation->is_object();
  return is_told ? organisation->value("id", "") : std::string{};
}

}  // namespace landfall::oracles
