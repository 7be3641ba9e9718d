#include "simulator/oracles/no_bypass.hpp"

#include <nlohmann/json.hpp>

#include "simulator/world/world.hpp"

namespace landfall::oracles {

void NoBypass::on_guess_answered(world::World& world, world::Phone& phone, bool is_right,
                                 const nlohmann::json& result) {
  if (is_right || result.value("locked", true)) return;
  world.violate("INV-A15", phone.name() + " was opened at " + format_rfc3339(world.now()) +
                               " by a PIN that is not its owner's");
}

void NoBypass::on_answer(world::World& world, world::Phone& phone, const http::Request& request,
                         const http::Answer& answer) {
  if (request.target != world.routes().second_factor_login || !answer.response) return;
  if (answer.response->body.find("accessToken") == std::string::npos) return;
  const bool is_allowed =
      world.ask_backend([](const auto& backend) { return backend.options().development_codes; });
  if (is_allowed) return;
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  const std::string code = body.is_object() ? body.value("code", "") : "";
  if (!code.empty() && code.find_first_not_of('0') != std::string::npos) return;
  world.violate("INV-A15", phone.name() + " was given tokens for the code \"" + code + "\" at " +
                               format_rfc3339(world.now()));
}

}  // namespace landfall::oracles
